"""Looking at the world for a report: clusters, registries, Docker Hub's allowance, the engine's memory.

Nothing is written, and nothing that does not answer ends it: what was not seen is told with the reason.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Final

from .. import access, cluster_access
from ..allowance import PROBE, Allowance, Budget
from ..errors import EngineError, Hub2GhcrError
from ..plan import Plan, Planned
from ..pull_secrets.pulling import Puller
from ..reference import HUB, Reference
from ..registry import Patience, Registries
from ..status import Asking, Status
from ..status import look as look_at_namespaces
from .nouns import NotLooked
from .seen import Seen
from .targets import there

PATIENCE: Final = Patience(attempts=2, silence=15.0)
"""With registries: what does not answer is told, and who waits for a report reads it again tomorrow."""

Told = Callable[[int, int], object]
"""Hears how many things have been looked at, and of how many."""


def look(found: Planned, root: Path, environ: Mapping[str, str], told: Told = lambda *_: None) -> Seen:
    """Return what is seen for the report of a stack.

    Args:
        found: the stack.
        root: the project's folder.
        environ: has the values of credentials, and what reaches clusters.
        told: hears how far it is.
    """
    from ..engine.past import past

    plan, notes = found.plan, list[NotLooked]()
    total = len(plan.copies) + sum(len(each.namespaces) for each in plan.clusters)
    seen = Seen()
    with ExitStack() as opened:
        budget = Budget()
        try:
            registries = opened.enter_context(
                access.registries(found.settings, environ, patience=PATIENCE, observe=budget.observe)
            )
        except Hub2GhcrError as error:
            notes += _not_looked("registries and clusters", error)
        else:
            asked, allowance = _allowance(plan, registries, budget, notes)
            targets, dumb = there(plan.copies, registries, _after(0, total, told))
            puller = Puller(access.puller(found.settings, opened))
            statuses = _statuses(plan, puller, registries, environ, notes, _after(len(plan.copies), total, told))
            seen = Seen(statuses, targets, asked, allowance)
            notes += dumb
    try:
        runs = past(plan.stack, root)
    except EngineError as error:
        return replace(seen, not_looked=(*notes, *_not_looked("the engine's past runs", error)))
    return replace(seen, runs=runs, not_looked=tuple(notes))


def _allowance(
    plan: Plan, registries: Registries, budget: Budget, notes: list[NotLooked]
) -> tuple[bool, Allowance | None]:
    """Return whether Docker Hub answered, and what it said is left; asking is free."""
    if not any(each.source and Reference.parse(each.source).registry == HUB for each in plan.copies):
        return False, None
    registry = registries.at(HUB)
    try:
        registry.head_manifest(*PROBE)
    except Hub2GhcrError as error:
        notes += _not_looked("Docker Hub's pull allowance", error)
        return False, None
    return True, budget.allowances.get(HUB)


def _statuses(
    plan: Plan,
    puller: Puller,
    registries: Registries,
    environ: Mapping[str, str],
    notes: list[NotLooked],
    told: Told,
) -> dict[tuple[str, str], Status]:
    found: dict[tuple[str, str], Status] = {}
    total = sum(len(each.namespaces) for each in plan.clusters)
    for cluster in plan.clusters:
        alone = replace(plan, clusters=(cluster,))
        try:
            with ExitStack() as opened:
                clusters = cluster_access.clusters(alone, environ, opened)
                asking = Asking(clusters, puller, registries)
                statuses = look_at_namespaces(alone, asking, _after(len(found), total, told))
        except Hub2GhcrError as error:
            notes += _not_looked(f"cluster {cluster.name}", error)
        else:
            found |= {(each.cluster, each.namespace): each for each in statuses}
    return found


def _not_looked(what: str, error: Hub2GhcrError) -> list[NotLooked]:
    return [NotLooked(what, line) for line in error.lines]


def _after(before: int, total: int, told: Told) -> Told:
    """Return what tells of one part of all that is looked at; ``before`` were done when it began."""
    return lambda done, _: told(before + done, total)
