"""The guard's bar lifted from a namespace that goes back: before its workloads are, or they would be denied.

Tightening comes last in a run and loosening first, which no order between two resources can say. So whoever goes back
takes its namespace out of the binding itself, and waits until the API server has taken note.
"""

from __future__ import annotations

import time
from typing import Any, Final

from ..cluster import Cluster
from ..errors import ClusterError, Conflict, Refused
from .policy import API, deny_name

SECONDS: Final = 20.0
"""Seconds that API servers may take to see that a binding has changed; they watch, a moment is usual."""
PAUSE: Final = 0.2
ATTEMPTS: Final = 5


def lift(cluster: Cluster, guard: str, namespace: str) -> bool:
    """Take a namespace out of those where images from Docker Hub are denied; False if it was not among them.

    Raises:
        ClusterError: the cluster does not answer, or goes on to deny.
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
        "is changed by others all the time", f"cluster {cluster.name}: {deny_name(guard)}", "", "run again"
    )


def denies(cluster: Cluster, guard: str, namespace: str) -> bool:
    """Whether images from Docker Hub are denied in a namespace.

    Raises:
        ClusterError: the cluster does not answer.
    """
    live = cluster.get(*_key(guard))
    return live is not None and any(
        namespace in (each.get("values") or ())
        for each in live["spec"]["matchResources"]["namespaceSelector"]["matchExpressions"]
    )


def _key(guard: str) -> tuple[str, str, str, str]:
    return API, "ValidatingAdmissionPolicyBinding", "", deny_name(guard)


def _taken_out(cluster: Cluster, guard: str, namespace: str) -> bool:
    key = _key(guard)
    live = cluster.get(*key)
    if live is None:
        return False
    (chosen,) = live["spec"]["matchResources"]["namespaceSelector"]["matchExpressions"]
    if namespace not in chosen["values"]:
        return False
    chosen["values"] = [each for each in chosen["values"] if each != namespace]
    if chosen["values"]:
        cluster.replace(live)
    else:  # a selector of no value is refused
        cluster.delete(*key, uid=live["metadata"]["uid"])
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
