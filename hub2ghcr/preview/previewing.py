"""From two sides to what lies between them, stack by stack; one that is broken keeps no other from being shown."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from ..errors import Hub2GhcrError, PreviewError
from ..plan import Plan
from .comparing import Place, compare, places
from .nouns import Preview, StackPreview
from .side import Side
from .thing import changes
from .tidy import tidy

NO_BASE: Final = "nothing"
"""What a preview is compared with where there is no base."""


@dataclass(frozen=True, slots=True)
class Sides:
    """What is compared: two folders, and what they are called. Without a ``base`` everything is new.

    ``refused`` is why the engine must not be asked about a stack, by its name; ``unplanned`` why it must not even be
    planned: that would render what nobody has reviewed.
    """

    head: Side
    head_name: str
    base: Side | None = None
    base_name: str = NO_BASE
    refused: Mapping[str, str] = field(default_factory=dict)
    unplanned: Mapping[str, str] = field(default_factory=dict)

    @property
    def stacks(self) -> tuple[str, ...]:
        """The stacks of both, sorted."""
        return tuple(sorted({*self.head.stacks, *(self.base.stacks if self.base else ())}))


def preview(sides: Sides, stacks: Collection[str], told: Callable[[int, int], object] = lambda *_: None) -> Preview:
    """Return what the head does to each stack, from plan, lock and inventory alone.

    Args:
        sides: what is compared.
        stacks: their names.
        told: is called with how many plans are made, and of how many.

    Raises:
        PreviewError: there is no stack: a preview of the wrong folder would find nothing to object to.
    """
    names = sorted(set(stacks))
    if not names:
        raise PreviewError("has no stack on either side", "stacks/", remedy="is this the project's folder? (-C)")
    plans: dict[str, Plan] = {}
    unknown: dict[str, str] = {}
    for count, stack in enumerate(names):
        told(count, 2 * len(names))
        try:
            if sides.base and stack in sides.base.stacks:
                plans[stack] = sides.base.plan(stack)
        except Hub2GhcrError as error:
            unknown[stack] = f"the base cannot be planned, so that all is shown as new: {error.lines[0]}"
    there = {place for plan in plans.values() for place in places(plan)}
    found = []
    for count, stack in enumerate(names, len(names)):
        told(count, 2 * len(names))
        found.append(_stack(sides, stack, plans.get(stack), unknown.get(stack, ""), there))
    return tidy(Preview(sides.base_name, sides.head_name, tuple(found)))


def _stack(sides: Sides, stack: str, before: Plan | None, unknown: str, there: Collection[Place]) -> StackPreview:
    if why := sides.unplanned.get(stack):
        return StackPreview(stack, mode="none", why=why)
    gone = stack not in sides.head.stacks and sides.base is not None and stack in sides.base.stacks
    try:
        after = None if gone else sides.head.plan(stack)
    except Hub2GhcrError as error:
        return StackPreview(stack, problems=error.lines)
    found = replace(compare(before, after, there), stack=stack)
    if gone:
        return replace(found, why="the change removes it")
    values = changes(sides.base.values(stack) if sides.base else (), sides.head.values(stack))
    warnings = (*found.warnings, *([unknown] if unknown else ()))
    return replace(found, warnings=tuple(sorted(warnings)), secrets=tuple(sorted((*found.secrets, *values))))
