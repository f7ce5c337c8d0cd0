"""Having every node write its files, or take them back; each can be repeated after any interruption."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from typing import Any, Final

from ...cluster import Cluster, pull_failures
from ...errors import ClusterError, raise_all
from ...owning import MANAGER, STACK
from .daemonset import LABEL, NAME

PAUSE: Final = 1.0
"""Seconds between two looks."""

_AGAIN: Final = "run again once it is back; a node that is gone for good: delete it from the cluster"
_ENFORCE: Final = "pod-security.kubernetes.io/enforce"


def deliver(cluster: Cluster, document: Mapping[str, Any], seconds: float) -> None:
    """Apply a DaemonSet, and wait until its Pods on all nodes have done their work.

    Raises:
        ClusterError: its namespace refuses such Pods, it is another stack's, or it cannot be applied.
        Problems: nodes on which it is not done in time, each with its reason.
    """
    metadata = document["metadata"]
    place = f"cluster {cluster.name}: DaemonSet {metadata['namespace']}/{NAME}"
    _admitted(cluster, metadata["namespace"], place)
    live = cluster.get("apps/v1", "DaemonSet", metadata["namespace"], NAME)
    owner = ((live or {}).get("metadata", {}).get("annotations") or {}).get(STACK)
    if live is not None and owner != metadata["annotations"][STACK]:
        remedy = "one stack writes the mirrors of a cluster's nodes: take `nodeMirror` out of the other one"
        raise ClusterError("is another stack's", place, str(owner or "nobody knows whose"), remedy)
    applied = cluster.apply(document, manager=MANAGER, force=True)
    _await(cluster, metadata["namespace"], int(applied["metadata"].get("generation") or 0), seconds, place)


def take_back(cluster: Cluster, document: Mapping[str, Any], seconds: float) -> None:
    """Have every node restore what it had, and only then delete the DaemonSet.

    It is made anew where somebody deleted it: the files that it wrote are still there.

    Raises:
        ClusterError, Problems: as `deliver`; the DaemonSet stays, so that the next run goes on.
    """
    deliver(cluster, document, seconds)
    cluster.delete("apps/v1", "DaemonSet", document["metadata"]["namespace"], NAME)


def _admitted(cluster: Cluster, namespace: str, place: str) -> None:
    """Require that Pods with a folder of their node are let in: only level privileged does (Pod Security Standards)."""
    live = cluster.get("v1", "Namespace", "", namespace)
    if live is None:
        raise ClusterError("its namespace does not exist", place, remedy="create it, or set `nodeMirror.namespace`")
    level = (live["metadata"].get("labels") or {}).get(_ENFORCE, "privileged")
    if level != "privileged":
        remedy = f"set the label {_ENFORCE}=privileged there, or name another `nodeMirror.namespace`"
        raise ClusterError(
            f"its Pods write to a folder of the node, and its namespace enforces {level}", place, remedy=remedy
        )


def _await(cluster: Cluster, namespace: str, generation: int, seconds: float, place: str) -> None:
    end = time.monotonic() + seconds
    while not _done(cluster.get("apps/v1", "DaemonSet", namespace, NAME), generation):
        if time.monotonic() > end:
            behind = list(_behind(cluster, namespace, place))
            raise_all(behind or [ClusterError(f"not done within {seconds:.0f} s", place, remedy="run again")])
        time.sleep(PAUSE)


def _done(live: Mapping[str, Any] | None, generation: int) -> bool:
    """Whether each node's Pod is of the newest generation and ready: a status counts one Pod of a node, in both."""
    status = (live or {}).get("status") or {}
    if int(status.get("observedGeneration") or 0) < max(generation, 1):
        return False
    wanted = int(status.get("desiredNumberScheduled") or 0)
    return int(status.get("updatedNumberScheduled") or 0) == wanted == int(status.get("numberReady") or 0)


def _behind(cluster: Cluster, namespace: str, place: str) -> Iterator[ClusterError]:
    """Yield the nodes whose Pod is not ready, and what it waits for."""
    for pod in cluster.list("v1", "Pod", namespace, labels=f"{LABEL}={NAME}"):
        status = pod.get("status") or {}
        if any(each.get("type") == "Ready" and each.get("status") == "True" for each in status.get("conditions") or ()):
            continue
        node = str((pod.get("spec") or {}).get("nodeName") or "a node")
        why, remedy = _why(status)
        yield ClusterError(f"node {node} is not done: {why}", place, remedy=remedy)


def _why(status: Mapping[str, Any]) -> tuple[str, str]:
    """Return what a Pod waits for, and what to do about it."""
    for each in status.get("containerStatuses") or ():
        for key, state in (each.get("state") or {}).items():
            if state.get("reason"):
                said = f"{state['reason']} {state.get('message') or ''}".strip()
                pulls = key == "waiting" and "Pull" in state["reason"]
                return said, pull_failures.remedy(said) if pulls else _AGAIN
    return str(status.get("reason") or status.get("phase") or "unknown"), _AGAIN
