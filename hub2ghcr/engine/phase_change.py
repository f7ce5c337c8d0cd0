"""A change of phase that leaves no half-way phase behind: a run that fails puts the phase back where it came from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final, Literal, Protocol

from .. import files, phasing, plan, settings
from ..errors import Hub2GhcrError, ManifestError, SettingsError
from ..phasing import Effective
from ..plan import Plan
from .events import Said, Step
from .options import RunOptions, runs
from .run import Failed, Told
from .state import State

Ending = Literal["done", "failed", "rolled back", "stranded"]
"""How a change ended: applied; failed, and the phase stands where it stood; failed, and a second run brought everything
back; failed, and the run that was to bring it back failed, too."""

DEFAULT: Final = "prepare"
"""The phase of a stack that names none, and of one that has never run."""
SKIPPED: Final = "AllMoved"
"""The type of the resource that fails for what was skipped, after all else."""


class Running(Protocol):
    """What runs a stack: `Run`, or what stands for it in a test."""

    def up(self, options: RunOptions, told: Told) -> None:
        """Apply the stack as its files say. Raises ``Failed``."""

    def state(self) -> State:
        """Return the stack's state. Raises ``Failed``."""


@dataclass(frozen=True, slots=True)
class Change:
    """What is wanted: a phase, for the stack or for namespaces of it (``NAME`` or ``CLUSTER/NAME``).

    Without a phase the stack runs as its file says.
    """

    stack: str
    phase: str | None = None
    namespaces: tuple[str, ...] = ()
    rollback: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """How it ended: the problems, one line each, and what did not move (``CLUSTER/NAMESPACE/KIND/NAME``).

    ``phase`` is what the file says now, and ``written_back`` whether it was put back to that.
    """

    ending: Ending
    phase: str
    written_back: bool = False
    problems: tuple[str, ...] = ()
    not_moved: tuple[str, ...] = ()


@dataclass(slots=True)
class _Heard:
    """What a run did, by what it said."""

    told: Told
    failed: set[str] = field(default_factory=set)
    done: set[str] = field(default_factory=set)
    skipped: bool = False

    def __call__(self, event: Step | Said) -> None:
        if isinstance(event, Step) and event.moment == "done" and event.stage == "switched":
            self.done.add(event.name)
        if event.moment == "failed" if isinstance(event, Step) else event.severity == "error" and event.urn:
            if event.type == SKIPPED:
                self.skipped = True
            else:
                self.failed.add(event.name)
        self.told(event)


def change(
    wanted: Change,
    root: Path,
    run: Running,
    told: Told,
    agreed: Callable[[Plan, str, str], bool] = lambda *_: True,
    known: State | None = None,
) -> Outcome | None:
    """Write a phase into the stack's file and apply the stack; return None where that was not agreed to.

    A failure writes the phase back, so that the next plain ``pulumi up`` does not try again: to what the file said, or
    where it said that phase before, to what the last run that reached its end has applied. With
    ``onUnready: skip`` a failure in such namespaces alone does not: what could move has moved.

    Args:
        wanted: what is wanted.
        root: the project's folder.
        run: what runs the stack.
        told: hears what the run does.
        agreed: is asked once all is known and before anything runs: plan, phase before, phase after.
        known: the stack's state, where somebody has just read it; None: it is read where it matters.

    Raises:
        Problems: settings, manifests or lock do not make a plan in that phase; the file is as it was.
        SettingsError: no such namespace, or the file cannot be written.
    """
    place = settings.file_of(wanted.stack, root)
    path, before = root / place, _read(root / place, place)
    state = run.state if known is None else lambda: known
    applied = phasing.effective(settings.merged(wanted.stack, root))
    if wanted.phase and not wanted.namespaces and phasing.phases(before, place)[""] == wanted.phase:
        # a run that was killed has written it, or a person: where it came from the engine knows, and not the file
        wanted = replace(wanted, phase=None)
    if wanted.phase is not None:
        _write(path, phasing.changed(before, place, wanted.phase, wanted.namespaces, applied), place)
    try:
        planned = plan.of_stack(wanted.stack, root).plan
        came = _came_from(wanted, state, before, place, applied)
        stands = wanted.phase or planned.phase
        if not agreed(planned, came, stands):
            _unwritten(root, before, place, wanted, applied)
            return None
    except BaseException:
        _unwritten(root, before, place, wanted, applied)
        raise
    heard = _Heard(told)
    try:
        _apply(planned, run, heard, state)
    except Failed as error:
        held = _held(planned, heard)
        not_moved = _not_moved(planned, heard.done)
        if not held:
            return Outcome("failed", stands, False, error.problems, not_moved)
        written = _back(root, before, place, wanted, applied, came)
        now = came if written else stands
        if not wanted.rollback or not written:
            return Outcome("failed", now, written, error.problems, not_moved)
        return _rolled_back(wanted, root, run, told, Outcome("rolled back", now, True, error.problems, not_moved))
    except BaseException:
        _back(root, before, place, wanted, applied, came)
        raise
    return Outcome("done", stands)


def _rolled_back(wanted: Change, root: Path, run: Running, told: Told, outcome: Outcome) -> Outcome:
    try:
        planned = plan.of_stack(wanted.stack, root).plan
        _apply(planned, run, told, run.state)
    except Hub2GhcrError as error:
        problems = (*outcome.problems, *(f"going back: {line}" for line in error.lines))
        return Outcome("stranded", outcome.phase, True, problems, outcome.not_moved)
    return outcome


def _apply(planned: Plan, run: Running, told: Told, state: Callable[[], State]) -> None:
    for each in runs(planned, state):
        run.up(each, told)


def _came_from(wanted: Change, state: Callable[[], State], before: bytes, place: str, applied: Effective) -> str:
    """Return the phase that applied before: the files', or where it was written there by hand, the last run's."""
    stack = applied[""] or DEFAULT
    if wanted.phase is None:
        return state().phase or stack
    titles = phasing.phases(before, place, wanted.namespaces, applied)
    return ", ".join(sorted({applied.get(each) or stack for each in titles}))


def _unwritten(root: Path, before: bytes, place: str, wanted: Change, applied: Effective) -> None:
    """Put back what we wrote, before anything ran; a phase that a person wrote stays."""
    if wanted.phase is not None:
        _back(root, before, place, wanted, applied, "")


def _back(root: Path, before: bytes, place: str, wanted: Change, applied: Effective, came: str) -> bool:
    """Put the phase back; whether the file said another one. A base file stays: other stacks follow it."""
    path, now = root / place, _read(root / place, place)
    if wanted.phase is None:
        stands = phasing.effective(settings.merged(wanted.stack, root))[""]
        was = now if stands == came else phasing.changed(now, place, came)
    elif now == phasing.changed(before, place, wanted.phase, wanted.namespaces, applied):
        was = before
    else:  # somebody edited it meanwhile
        stack = applied[""] or DEFAULT
        was = phasing.back(now, before, place, wanted.namespaces, stack, applied)
    if was != now:
        _write(path, was, place)
    return was != now


def _held(planned: Plan, heard: _Heard) -> bool:
    """Whether anything failed that holds the rest: outside of namespaces that skip, or nobody knows where."""
    skipping = {
        f"{cluster.name}/{namespace.name}"
        for cluster in planned.clusters
        for namespace in cluster.namespaces
        if namespace.on_unready == "skip"
    }
    if not heard.failed:
        return not heard.skipped
    return any("/".join(name.split("/")[:2]) not in skipping for name in heard.failed)


def _not_moved(planned: Plan, done: set[str]) -> tuple[str, ...]:
    names = (
        f"{cluster.name}/{namespace.name}/{each.kind}/{each.name}"
        for cluster in planned.clusters
        for namespace in cluster.namespaces
        for each in namespace.workloads
        if each.switched
    )
    return tuple(sorted(set(names) - done))


def _read(path: Path, place: str) -> bytes:
    try:
        return files.read(str(path), place)
    except ManifestError as error:
        raise SettingsError.of(error) from None


def _write(path: Path, data: bytes, place: str) -> None:
    try:
        files.replace(str(path), data, place)
    except ManifestError as error:
        raise SettingsError.of(error) from None
