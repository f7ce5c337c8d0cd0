"""The copy of a project's Secret in one namespace: made by Rancher, and waited for."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any, Final

from ...cluster import Cluster
from ...credentials import Credential
from ...errors import ClusterError, Hub2GhcrError
from ...pull_secrets import secret as pull_secret
from ...pull_secrets.pulling import differences
from .project import is_copy

SECONDS: Final = 30.0
"""Seconds in which Rancher's controller, which takes one or two, has to have copied."""


def awaited(
    cluster: Cluster,
    namespace: str,
    name: str,
    wanted: Mapping[str, Credential],
    sleep: Callable[[float], None] = time.sleep,
    clock: Callable[[], float] = time.monotonic,
) -> dict[str, Any] | None:
    """Return the copy once it holds what is wanted; after `SECONDS` as it is, None where there is none.

    Raises:
        ClusterError: the cluster cannot be asked.
    """
    end = clock() + SECONDS
    while True:
        live = cluster.get("v1", "Secret", namespace, name)
        there = live is not None and is_copy(live)
        if live is not None and there and _same(live, wanted):
            return live
        if clock() > end:
            return live if there else None
        sleep(0.5)


def not_copied(cluster: str, namespace: str, name: str, project: str) -> ClusterError:
    """Return the error that a namespace has no copy, although its project has the Secret."""
    remedy = (
        "is Rancher up, and the cluster «Active» in it? It copies within seconds; "
        f"see Storage > Secrets of namespace {namespace}, then run again"
    )
    what = f"Rancher has not copied Secret {name} of project"
    return ClusterError(what, f"cluster {cluster}, namespace {namespace}", project, remedy)


def _same(live: Mapping[str, Any], wanted: Mapping[str, Credential]) -> bool:
    try:
        return not differences(pull_secret.read(live, "").entries, wanted)
    except Hub2GhcrError:
        return False
