"""What diffs see of live objects: what somebody changed since the last run.

A run that changes anything has to see it. A preview of a cluster that an inventory describes asks no cluster: whoever
runs it, and from wherever, is shown what settings, lock, inventory and the engine's state say.
"""

from collections.abc import Callable, Mapping
from typing import Any

import pulumi


def foreseen(inventoried: bool) -> bool:
    """Return whether this is a preview of a cluster that an inventory describes: then nobody asks the cluster."""
    return inventoried and pulumi.runtime.is_dry_run()


def excuse(cluster: str, excused: bool) -> None:
    """Say whether diffs in this process do without a cluster, by its name; until this is said they do not."""
    (_excused.add if excused else _excused.discard)(cluster)


def drifted(props: Mapping[str, Any], look: Callable[[], bool]) -> bool:
    """Return whether a look at a resource's cluster finds that something changed; False where nobody asks it.

    Raises:
        ClusterError: the cluster cannot be asked, and is not excused.
    """
    return props["cluster"] not in _excused and look()


_excused: set[str] = set()
