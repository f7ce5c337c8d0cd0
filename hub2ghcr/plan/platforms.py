"""Whether what is locked runs on the nodes that a cluster has."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ..covering import lost, remedy
from ..errors import LockError
from ..lock import Entry
from ..survey import Site, uses


def uncovered(site: Site, entries: Mapping[str, Entry], stack: str) -> Iterator[LockError]:
    """Yield each image that nodes of the cluster could run before, and could not after; once a namespace."""
    for place, text in uses([site]):
        if (entry := entries.get(text)) is None or not site.platforms:
            continue
        if lacks := lost(entry.platforms, entry.target_platforms, site.platforms):
            what = f"the image is locked for {', '.join(entry.target_platforms)}; nodes need {', '.join(lacks)}"
            told = remedy(entry.platforms, site.platforms, f"hub2ghcr lock -s {stack}")
            yield LockError(what, f"cluster {site.cluster.name}: {place}", text, told)
