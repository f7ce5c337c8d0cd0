"""What the engine will do with each resource, and what it did: the same noun for a preview and for the run after it.

Both are read from the engine's events, so that one can be held against the other. Where a preview cannot know what a
run will do, its step says why (``unsure``): a promise that has exceptions names them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

from ..plan import of_stack
from .changed_paths import changed
from .events import Said
from .options import RunOptions, options
from .run import Failed, Heard, Run, Told
from .unsure import Unsure

if TYPE_CHECKING:
    from pulumi.automation.events import EngineEvent, StepEventMetadata

    from .events import Step

_STILL: Final = frozenset({"read", "refresh", "same"})
_STACK: Final = "pulumi:pulumi:Stack"
"""The resource that stands for the run itself: an update has no event of it."""


class Previewing(Protocol):
    """What previews a stack: `Run`, or what stands for it in a test."""

    def preview(self, options: RunOptions, told: Told, heard: Heard) -> None:
        """Show what a run would do. Raises ``Failed``."""


@dataclass(frozen=True, slots=True, order=True)
class EngineStep:
    """One operation on one resource, components and providers among them.

    ``operation`` is the engine's word (``create``, ``update``, ``delete``, ``replace``, ``same``, …). ``paths`` are the
    properties that change, sorted; none where the resource comes or goes as a whole. ``unsure`` says why a preview
    cannot know the operation or the paths, empty where it does; after a run it is always empty.
    """

    urn: str
    operation: str
    paths: tuple[str, ...] = ()
    unsure: str = ""

    @property
    def name(self) -> str:
        """The resource's name in the stack: ``CLUSTER/NAMESPACE/KIND/NAME`` of a workload."""
        return self.urn.split("::", 3)[-1]

    @property
    def type(self) -> str:
        """The last part of the resource's type token: ``ImageCopy``, ``Deployment``."""
        return self.urn.split("::", 3)[2].rpartition(":")[2]

    @property
    def changes(self) -> bool:
        """Whether anything is changed by it, in reality or in the state alone."""
        return self.operation not in _STILL


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What a preview of the engine said: its steps, what it warns of, and why it failed (empty: it did not), sorted."""

    steps: tuple[EngineStep, ...]
    warnings: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()


def foresee(stack: str, root: Path, run: Previewing | None = None) -> Foreseen:
    """Return what a run of a stack would do, by a preview of the engine: nothing is changed, no lock is taken.

    A preview that fails is no exception: what it saw until then is there, with its problems.

    Args:
        stack: its name.
        root: the project's folder.
        run: what runs it (default: one of its own; give one that somebody may interrupt).

    Raises:
        Problems: settings, manifests or lock do not make a plan.
        EngineError: there is no ``pulumi``, or it is too old.
    """
    plan = of_stack(stack, root).plan
    heard: list[EngineEvent] = []
    warned: set[str] = set()

    def told(each: Step | Said) -> None:
        if isinstance(each, Said) and each.severity == "warning":
            warned.add(" ".join(each.message.split()))

    problems: tuple[str, ...] = ()
    try:
        (run or Run(stack, root)).preview(options(plan), told, heard.append)
    except Failed as error:
        problems = error.problems
    return Foreseen(_steps(heard, Unsure(plan)), tuple(sorted(warned)), problems)


def done(events: Iterable[EngineEvent]) -> tuple[EngineStep, ...]:
    """Return what a run did, sorted, by the events of `Run.up`; of several runs in turn, what they did together."""
    return _steps(events, None)


def failed(events: Iterable[EngineEvent]) -> tuple[EngineStep, ...]:
    """Return what a run tried and could not do, sorted, by the events of `Run.up`."""
    found = (each.res_op_failed_event for each in events)
    return tuple(sorted({_step(each.metadata) for each in found if each is not None}))


def _steps(events: Iterable[EngineEvent], unsure: Unsure | None) -> tuple[EngineStep, ...]:
    found: set[EngineStep] = set()
    for event in events:
        if event.res_outputs_event is None:
            continue
        metadata = event.res_outputs_event.metadata
        if metadata.type == _STACK:
            continue
        step = _step(metadata)
        if unsure is not None:
            inputs = metadata.new.inputs if metadata.new else {}
            step = replace(step, unsure=unsure.of(step.type, step.name, step.operation, inputs))
        found.add(step)
    moved = {each.urn for each in found if each.changes}
    return tuple(sorted(each for each in found if each.changes or each.urn not in moved))


def _step(metadata: StepEventMetadata) -> EngineStep:
    return EngineStep(metadata.urn, str(getattr(metadata.op, "value", metadata.op)), changed(metadata))
