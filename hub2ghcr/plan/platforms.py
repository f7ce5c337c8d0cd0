"""Whether what is locked runs on the nodes that a cluster has."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ..errors import LockError
from ..lock import Entry
from ..survey import Site, uses
from .images import runs


def uncovered(site: Site, entries: Mapping[str, Entry], stack: str) -> Iterator[LockError]:
    """Yield each image that nodes of the cluster could run before, and could not after; once a namespace.

    A platform that the source never had is nobody's loss: its Pods are on other nodes already.
    """
    for place, text in uses([site]):
        if (entry := entries.get(text)) is None or not site.platforms:
            continue
        had = [node for node in site.platforms if any(runs(each, [node]) for each in entry.platforms)]
        has = [node for node in site.platforms if any(runs(each, [node]) for each in entry.target_platforms)]
        lost = sorted(set(had or site.platforms) - set(has))
        if lost:
            what = f"the image is locked for {', '.join(entry.target_platforms)}; nodes need {', '.join(lost)}"
            remedy = "nothing of it runs in this cluster: leave it out, or take an image for these nodes"
            if had:
                remedy = f"widen `platforms` of its mapping rule, and run `hub2ghcr lock -s {stack}`"
            yield LockError(what, f"cluster {site.cluster.name}: {place}", text, remedy)
