"""What is still on Docker Hub, and why: what the plan leaves there, and what Pods were seen to run."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from ..errors import InvalidReference
from ..plan import ImageChange, Namespace, Plan, Untouched, Workload
from ..plan.images import NOT_YET
from ..reasons import of_place
from ..reference import HUB, Reference
from ..status import Status
from .nouns import WHYS, OnHub, Why

BEHIND: Final = "the plan has moved it: its workload is not switched, or its old Pods still run"
UNKNOWN: Final = "Pods run it that no manifest of the stack makes; name them, or take the inventory again"


def on_hub(plan: Plan, statuses: Mapping[tuple[str, str], Status]) -> tuple[OnHub, ...]:
    """Return the images on Docker Hub, those first that somebody has to do something about.

    Args:
        plan: the stack's.
        statuses: what was seen, by cluster and namespace; of namespaces that are missing, the plan alone speaks.
    """
    found = [
        each
        for cluster in plan.clusters
        for namespace in cluster.namespaces
        for each in _of(cluster.name, namespace, statuses.get((cluster.name, namespace.name)))
    ]
    order = {why: number for number, why in enumerate(WHYS)}
    return tuple(sorted(found, key=lambda each: (order[each.why], each.cluster, each.namespace, each.image)))


def _of(cluster: str, namespace: Namespace, status: Status | None) -> Iterator[OnHub]:
    pods = dict(_counted(status.on_hub)) if status else {}
    moved: set[str] = set()
    told: set[str] = set()
    named: dict[str, list[str]] = {}
    first: dict[str, ImageChange] = {}
    for workload, change in _changes(namespace):
        if (name := _hub_name(change.before)) is None:
            continue
        if change.before != change.after:
            moved.add(name)
            continue
        first.setdefault(name, change)
        named.setdefault(name, []).append(workload)
    for name, change in first.items():
        told.add(name)
        workloads = tuple(sorted(dict.fromkeys(named[name])))
        count = pods.get(name, 0) if status else None
        yield OnHub(cluster, namespace.name, change.before, _why(change), change.reason, workloads, count)
    for name, count in pods.items():
        if name not in told:
            why: Why = "behind" if name in moved else "unknown"
            reason = BEHIND if name in moved else UNKNOWN
            yield OnHub(cluster, namespace.name, name, why, reason, (), count)


def _changes(namespace: Namespace) -> Iterator[tuple[str, ImageChange]]:
    named: tuple[Workload | Untouched, ...] = (*namespace.all_workloads, *namespace.waiting, *namespace.untouched)
    for each in named:
        for change in each.images:
            yield f"{each.kind} {each.name}", change


def _why(change: ImageChange) -> Why:
    if change.reason == NOT_YET:
        return "phase"
    return "undecided" if change.reason == of_place(Reference.parse(change.before)).text else "stays"


def _counted(on_hub: Iterable[str]) -> Iterator[tuple[str, int]]:
    """Yield names and numbers of what a status tells as ``nginx:1.27 (3 Pods)``; spellings of one image are one."""
    counts: dict[str, int] = {}
    for line in on_hub:
        image, _, pods = line.partition(" (")
        name = _hub_name(image) or image
        counts[name] = counts.get(name, 0) + int(pods.partition(" ")[0])
    yield from counts.items()


def _hub_name(image: str) -> str | None:
    """Return an image on Docker Hub by its full name, None for any other."""
    try:
        reference = Reference.parse(image)
    except InvalidReference:
        return None
    return reference.canonical if reference.registry == HUB else None
