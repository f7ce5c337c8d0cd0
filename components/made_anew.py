"""Whether a preview can show that a Pod is made anew: the API server is asked whether it would take the change.

pulumi-kubernetes previews what replaces an object by a dry run on the object that is there. The API server refuses that
for a Pod, whatever is to be deleted before, and the preview fails where the run does not. It sends nothing for what has
a value that only the run gives. (Of kinds whose refusal says ``field is immutable``, as a Job's, it takes care itself.)
"""

from collections.abc import Mapping
from typing import Any

import pulumi

from hub2ghcr.errors import Hub2GhcrError, Refused
from hub2ghcr.plan import Cluster

KINDS = frozenset({"Pod"})
"""Kinds that the provider does not take care of."""


def refused(cluster: Cluster, document: Mapping[str, Any], manager: str) -> bool:
    """Return whether this is a preview, and the API server refuses to change a live object into a document.

    Whatever else it answers, or that it does not, is for the engine to tell.

    Args:
        cluster: where it is.
        document: what is to be there.
        manager: the field manager that applies it.
    """
    if not pulumi.runtime.is_dry_run() or document["kind"] not in KINDS or cluster.name in _silent:
        return False
    from .cluster_access import cluster as opened
    from .cluster_access import reaching

    try:
        opened(reaching(cluster.name, cluster.reach)).apply(document, manager=manager, force=True, dry_run=True)
    except Refused as error:
        return error.reason == "Invalid"
    except Hub2GhcrError:
        _silent.add(cluster.name)  # it is asked once, not for each Pod: a preview may have to do without it
    return False


_silent: set[str] = set()
