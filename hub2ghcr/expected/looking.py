"""Objects of a cluster as they are now, in few requests."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

from ..cluster import Cluster
from ..errors import Refused

JOBS: Final = 8
"""Questions asked at the same time."""
MANY: Final = 50
"""Objects of one kind from which on all of them are listed, which is cheaper than to ask for each."""

Key = tuple[str, str, str, str]
"""apiVersion, kind, namespace and name."""


def look(cluster: Cluster, keys: Iterable[Key]) -> Mapping[Key, Mapping[str, Any]]:
    """Return the objects that are there, whole.

    Raises:
        ClusterError: the cluster cannot be asked, or not for these.
    """
    kinds: dict[tuple[str, str], set[Key]] = {}
    for key in keys:
        kinds.setdefault(key[:2], set()).add(key)
    found: dict[Key, Mapping[str, Any]] = {}
    single: list[Key] = []
    for kind, wanted in sorted(kinds.items()):
        listed = _listed(cluster, kind, wanted) if len(wanted) >= MANY else None
        if listed is None:
            single += sorted(wanted)
        else:
            found |= listed
    with ThreadPoolExecutor(JOBS) as pool:
        for key, live in zip(single, pool.map(lambda key: cluster.get(*key), single), strict=True):
            if live is not None:
                found[key] = live
    return found


def _listed(cluster: Cluster, kind: tuple[str, str], wanted: set[Key]) -> dict[Key, Mapping[str, Any]] | None:
    """Return those of a kind, None where all of a cluster may not be listed."""
    names = {key[3] for key in wanted}
    # the values of other Secrets are none of our business
    fields = f"metadata.name={next(iter(names))}" if len(names) == 1 else ""
    if kind[1] == "Secret" and not fields:
        return None
    found: dict[Key, Mapping[str, Any]] = {}
    try:
        for each in cluster.list(*kind, fields=fields):
            key = (*kind, str(each["metadata"].get("namespace") or ""), str(each["metadata"]["name"]))
            if key in wanted:
                found[key] = each
    except Refused:
        return None
    return found
