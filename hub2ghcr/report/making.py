"""From a plan and what was seen to a report. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime

from ..plan import Cluster, Plan
from ..status import Status
from .happened import happened
from .moving import pulls, registries
from .nouns import (
    ClusterProgress,
    ImageFacts,
    NamespaceProgress,
    Report,
    Way,
)
from .risks import risks
from .seen import Seen
from .staying import on_hub


def report(plan: Plan, seen: Seen, at: datetime) -> Report:
    """Return the report of a stack.

    Args:
        plan: the stack's.
        seen: what was seen of the world (`NOTHING` for what files alone know).
        at: when.
    """
    left = on_hub(plan, seen.statuses)
    counts = Counter((each.cluster, each.namespace) for each in left)
    namespaces = tuple(each for cluster in plan.clusters for each in _namespaces(cluster, seen.statuses, counts))
    images = tuple(_images(plan, seen.there))
    taken = pulls(images, seen.hub_asked, seen.allowance)
    return Report(
        plan.stack,
        plan.phase,
        at,
        namespaces,
        tuple(_cluster(each.name, [one for one in namespaces if one.cluster == each.name]) for each in plan.clusters),
        registries(images),
        images,
        left,
        taken,
        happened((each.entry for each in plan.copies), seen.runs),
        risks(plan, seen.statuses.values(), left, taken),
        tuple(sorted(set(seen.not_looked))),
    )


def _namespaces(
    cluster: Cluster, statuses: Mapping[tuple[str, str], Status], left: Mapping[tuple[str, str], int]
) -> Iterator[NamespaceProgress]:
    for each in cluster.namespaces:
        status = statuses.get((cluster.name, each.name))
        guard = cluster.guard
        planned = (
            "deny" if guard and each.name in guard.deny else "audit" if guard and each.name in guard.audit else "none"
        )
        yield NamespaceProgress(
            cluster.name,
            each.name,
            each.phase,
            len(each.pulls),
            sum(bool(one.was) for one in (*each.all_workloads, *each.waiting)),
            left.get((cluster.name, each.name), 0),
            status.guard if status else planned,
            Way(status.copied, status.granted, status.switched, status.running) if status else None,
            status.problems if status else (),
        )


def _cluster(name: str, namespaces: list[NamespaceProgress]) -> ClusterProgress:
    ways = [each.way for each in namespaces if each.way is not None]
    return ClusterProgress(
        name,
        Counter(each.phase for each in namespaces),
        sum(each.workloads for each in namespaces),
        sum(each.on_hub for each in namespaces),
        sum(len(each.problems) for each in namespaces),
        sum(ways[1:], ways[0]) if ways else None,
    )


def _images(plan: Plan, there: Mapping[str, bool]) -> Iterator[ImageFacts]:
    users: dict[str, list[str]] = {}
    for cluster in plan.clusters:
        for namespace in cluster.namespaces:
            for pull in namespace.pulls:
                users.setdefault(pull.target, []).append(f"{cluster.name}/{namespace.name}")
    for each in sorted(plan.copies, key=lambda each: each.target):
        yield ImageFacts(
            each.source,
            each.target,
            each.digest,
            each.entry.size,
            each.entry.manifests,
            each.entry.target_platforms,
            each.entry.resolved.at,
            each.public,
            there.get(each.target),
            tuple(sorted(users.get(each.target, ()))),
        )
