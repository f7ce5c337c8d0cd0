"""The entry of an object that others have applied: kubectl lets go of its fields, so that taking it over removes none.

What a patch of ours had, an image and a pull Secret, becomes Pulumi's: under the patch's manager the pull Secret would
outlast the way back.

Whenever pulumi-kubernetes (v4.25, ``pkg/await/await.go``) updates an object, it makes fields of kubectl's managers its
own and then applies the manifest; what this does not say goes: a variable of ``kubectl set env``, or the annotation of
``kubectl rollout restart``, and with it every Pod. A preview does not tell. Fields that nobody manages stay.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from ..cluster import Cluster
from ..errors import ClusterError, Conflict
from ..owning import MANAGER
from .patching import ATTEMPTS, Object

TAKEN: Final = ("kubectl", "before-first-apply")
"""How managers begin whose fields pulumi-kubernetes takes: kubectl's, and what was there before anybody applied."""


def let_go(cluster: Cluster, key: tuple[str, str, str, str], own: str) -> None:
    """Let neither kubectl nor a patch of ours manage a field of an object any more; nothing else of it changes.

    Args:
        cluster: where it is.
        key: its apiVersion, kind, namespace and name.
        own: the field manager of what the stack owns, which gets what the patch had.

    Raises:
        ClusterError: there is no such object, or the API server refuses.
    """
    place = f"cluster {cluster.name}: {key[1]} {key[2]}/{key[3]}"
    for _ in range(ATTEMPTS):
        live = cluster.get(*key)
        if live is None:
            raise ClusterError("does not exist", place, remedy="apply it first, or set `adopt: false`")
        left = [_handed_over(each, own) for each in _entries(live) if not _taken(each)]
        # where nobody is left the API server gives all fields to `before-first-apply`, which is taken as well: what has
        # Pods is never without its controller
        if not left or left == _entries(live):
            return
        metadata = {**live["metadata"], "managedFields": left}
        try:
            cluster.replace({**live, "metadata": metadata})
        except Conflict:
            continue
        return
    raise ClusterError("is written to by others all the time", place, remedy="run again")


def _entries(live: Object) -> list[Mapping[str, Any]]:
    return list(live["metadata"].get("managedFields") or ())


def _handed_over(entry: Mapping[str, Any], own: str) -> Mapping[str, Any]:
    return {**entry, "manager": own} if entry.get("manager") == MANAGER else entry


def _taken(entry: Mapping[str, Any]) -> bool:
    return not entry.get("subresource") and str(entry.get("manager")).startswith(TAKEN)
