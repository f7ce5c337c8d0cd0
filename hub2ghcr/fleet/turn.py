"""One cluster's turn, in a process of its own: its stack is changed as `hub2ghcr up` does it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ..engine import DEFAULT, Change, Failed, Run, State, change
from ..engine.run import INTERRUPTED, KILLED
from ..errors import Hub2GhcrError
from ..plan import Plan, stack  # noqa: F401 what makes a plan is loaded before the pool forks
from ..recovering import recover_stack
from .channel import Channel
from .history import Ending

if TYPE_CHECKING:
    from semver import VersionInfo  # comes with pulumi

PATIENCE = 60.0
"""Seconds in which the engine of a run that was killed may end by itself."""


@dataclass(frozen=True, slots=True)
class Turn:
    """What is to be done with one stack.

    Attributes:
        stack: its name.
        root: the project's folder.
        phase: the phase to be written; None: as its file says.
        rollback: whether a failure is followed by a run that brings everything back.
        recover: whether a run of it may have been killed.
        lock_is_dead: with ``recover``: somebody has made sure that no run is on.
    """

    stack: str
    root: Path
    phase: str | None = None
    rollback: bool = False
    recover: bool = False
    lock_is_dead: bool = False


@dataclass(frozen=True, slots=True)
class Begun:
    """The turn begins: the phase that applies until then. Nothing is changed before this is written down."""

    before: str


@dataclass(frozen=True, slots=True)
class Planned:
    """What is going to be applied: the phase, and how much of what there is."""

    phase: str
    images: int
    namespaces: int
    workloads: int


@dataclass(frozen=True, slots=True)
class Ended:
    """How the turn ended; ``after`` is the phase that the stack file says, empty where nobody knows."""

    ending: Ending
    after: str = ""
    problems: tuple[str, ...] = ()


def take(turn: Turn, channel: Channel, engine: VersionInfo | None = None) -> Ended:
    """Take a turn; a failure is its result.

    Args:
        turn: what is to be done.
        channel: to the run.
        engine: the engine's version as the run has checked it; None: each turn asks for it.
    """
    try:
        run, known = _begun(turn, channel, engine)
    except Hub2GhcrError as error:
        # what a killed run left is still there: whoever goes on has to recover it
        return Ended("killed" if turn.recover else "failed", "", error.lines)
    try:
        return _changed(turn, channel, run, known)
    except Hub2GhcrError as error:
        return Ended("failed", "", error.lines)


def _begun(turn: Turn, channel: Channel, engine: VersionInfo | None) -> tuple[Run, State | None]:
    """Return the stack's engine, ready for a run, and its state as far as it still is what was read."""
    run = Run(turn.stack, turn.root, engine)
    channel.interrupted_by(run.interrupt)
    state = run.state()
    # The state's word, not the file's: a run that was killed, or a person, may have written another phase there
    if not channel.ask(Begun(state.phase or DEFAULT)):
        raise Failed(INTERRUPTED)
    if not turn.recover:
        return run, state
    recover_stack(run, turn.root, lock_is_dead=turn.lock_is_dead, patience=PATIENCE)
    return run, None


def _changed(turn: Turn, channel: Channel, run: Run, known: State | None) -> Ended:
    def agreed(planned: Plan, _: str, after: str) -> bool:
        channel.say(_planned(planned, after))
        return True

    wanted = Change(turn.stack, turn.phase, rollback=turn.rollback)
    outcome = change(wanted, turn.root, run, channel.say, agreed, known)
    assert outcome is not None
    killed = any(line.startswith(KILLED) for line in outcome.problems)
    return Ended("killed" if killed else outcome.ending, outcome.phase, outcome.problems)


def _planned(plan: Plan, phase: str) -> Planned:
    namespaces = [each for cluster in plan.clusters for each in cluster.namespaces]
    return Planned(phase, len(plan.copies), len(namespaces), sum(len(each.workloads) for each in namespaces))
