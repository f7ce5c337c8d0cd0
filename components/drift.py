"""What diffs see of live objects: what somebody changed since the last run.

A run that changes anything has to see it. A preview of a cluster that an inventory describes needs no cluster: there a
diff tells what it can, and a cluster that does not answer is waited for once in a process, not by each resource.
"""

import threading
from collections.abc import Callable, Mapping
from typing import Any

import pulumi

from hub2ghcr.errors import Hub2GhcrError, Refused


def foreseen(inventoried: bool) -> bool:
    """Return whether this is a preview of a cluster that an inventory describes: then nobody has to ask the cluster."""
    return inventoried and pulumi.runtime.is_dry_run()


def excuse(cluster: str, excused: bool) -> None:
    """Say whether diffs in this process do without a cluster, by its name; until this is said they do not."""
    with _lock:
        _silent.discard(cluster)
        _answering.discard(cluster)
        (_excused.add if excused else _excused.discard)(cluster)


def drifted(props: Mapping[str, Any], look: Callable[[], bool]) -> bool:
    """Return whether a look at a resource's cluster finds that something changed; False where it may not be known.

    Raises:
        ClusterError: the cluster cannot be asked, and is not excused.
    """
    if props["cluster"] not in _excused:
        return look()
    if not _answers(props):
        return False
    try:
        return look()
    except Refused:
        return False
    except Hub2GhcrError:
        _silent.add(props["cluster"])
        return False


def _answers(props: Mapping[str, Any]) -> bool:
    """Whether a cluster answers at all: the first diff asks, the others wait for what it learns."""
    from .cluster_access import cluster

    name = props["cluster"]
    with _lock:
        if name not in _silent | _answering:
            try:
                cluster(props).version()
                _answering.add(name)
            except Hub2GhcrError:
                _silent.add(name)
        return name not in _silent


_lock = threading.Lock()
_excused: set[str] = set()
_answering: set[str] = set()
_silent: set[str] = set()
