"""The guard's bar lifted from a namespace that goes back: before its workloads are, or they would be denied.

Tightening comes last in a run and loosening first, which no order between two resources can say. So whoever goes back
takes its namespace out of the binding itself, and waits until the API server has taken note.

A credential that may not read bindings has set none. Where another run did, the API server says so as it denies.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any, Final

from ..cluster import Cluster
from ..errors import ClusterError, Conflict, Refused
from . import policy

KIND: Final = "ValidatingAdmissionPolicyBinding"
SECONDS: Final = 20.0
"""Seconds that API servers may take to see that a binding has changed; they watch, a moment is usual."""
PAUSE: Final = 0.2
ATTEMPTS: Final = 5


def lift(cluster: Cluster, guard: str, namespace: str) -> bool:
    """Take a namespace out of those where images from Docker Hub are denied; False if it was not among them.

    Raises:
        ClusterError: the cluster does not answer, or goes on to deny; or others changed whom the binding is for.
    """
    for _ in range(ATTEMPTS):
        try:
            if not _taken_out(cluster, guard, namespace):
                return False
        except Conflict:
            continue  # another namespace goes back at the same time
        _await(cluster, guard, namespace)
        return True
    raise ClusterError(
        "is changed by others all the time", f"cluster {cluster.name}: {policy.deny_name(guard)}", "", "run again"
    )


def denies(cluster: Cluster, guard: str, namespace: str) -> bool:
    """Whether images from Docker Hub are denied in a namespace, or may be: others changed whom the binding is for.

    Raises:
        ClusterError: the cluster does not answer.
    """
    live = _binding(cluster, guard)
    return live is not None and ((chosen := _chosen(live)) is None or namespace in chosen)


def sealed(cluster: Cluster, guard: str) -> frozenset[str]:
    """Return the namespaces in which images from Docker Hub are denied for certain.

    Raises:
        ClusterError: the cluster does not answer.
    """
    live = _binding(cluster, guard)
    return frozenset((live and _chosen(live)) or ())


def _binding(cluster: Cluster, guard: str) -> dict[str, Any] | None:
    try:
        return cluster.get(policy.API, KIND, "", policy.deny_name(guard))
    except Refused as refused:
        if not refused.forbidden:
            raise
        return None


def _chosen(live: Mapping[str, Any]) -> list[str] | None:
    """Return the namespaces that a binding is for, None if it does not name them as `policy.binding` does."""
    match (live["spec"].get("matchResources") or {}).get("namespaceSelector"):
        case {"matchExpressions": [{"key": policy.NAME, "operator": "In", "values": [*names]}], **rest} if not rest:
            return names
    return None


def _taken_out(cluster: Cluster, guard: str, namespace: str) -> bool:
    live = _binding(cluster, guard)
    if live is None:
        return False
    chosen = _chosen(live)
    if chosen is None:
        name = policy.deny_name(guard)
        what = f"somebody changed whom it is for: namespace {namespace} cannot be taken out"
        remedy = f"kubectl delete {KIND.lower()} {name}, then run again: what is sealed gets it back"
        raise ClusterError(what, f"cluster {cluster.name}: {KIND} {name}", "", remedy)
    if namespace not in chosen:
        return False
    if left := [each for each in chosen if each != namespace]:
        live["spec"]["matchResources"]["namespaceSelector"]["matchExpressions"][0]["values"] = left
        cluster.replace(live)
    else:  # a selector of no value is refused
        cluster.delete(policy.API, KIND, "", policy.deny_name(guard), uid=live["metadata"]["uid"])
    return True


def _await(cluster: Cluster, guard: str, namespace: str) -> None:
    # no Pod: Pod Security, ServiceAccounts and limits are asked before the guard, and refuse it whatever the guard says
    labels = {"app": "hub2ghcr-probe"}
    template = {"metadata": {"labels": labels}, "spec": {"containers": [{"name": "probe", "image": "docker.io/probe"}]}}
    probe: dict[str, Any] = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "hub2ghcr-probe", "namespace": namespace},
        "spec": {"selector": {"matchLabels": labels}, "template": template},
    }
    end = time.monotonic() + SECONDS
    while True:
        try:
            cluster.apply(probe, manager="hub2ghcr", force=True, dry_run=True)
        except Refused as refused:
            if guard not in refused.what:
                return  # denied by another rule of the namespace: not by ours
            if time.monotonic() > end:
                raise
            time.sleep(PAUSE)
        else:
            return
