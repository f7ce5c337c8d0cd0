"""Looking at the workloads of a plan where they live: how many of their Pods are available, and which pulls failed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from ..cluster import Cluster
from ..errors import ClusterError, InvalidReference
from ..plan import Namespace, Plan, Workload
from ..reference import Reference
from ..switching.rollout import PULLS, Stranded, forgiven, images_of, own_pods, stranded
from ..switching.watching import Watched, see
from .gates import Health

Object = Mapping[str, Any]

IMAGE_IS_THERE: Final = frozenset(
    {
        "CreateContainerConfigError",
        "CreateContainerError",
        "PostStartHookError",
        "PreCreateHookError",
        "PreStartHookError",
        "RunContainerError",
    }
)
"""Why a container waits that is no matter of its registry (kubelet: pkg/kubelet/container/sync_result.go)."""


def look(plan: Plan, clusters: Mapping[str, Cluster]) -> Health:
    """Return how the workloads of a plan are, with one question for each kind and one for the Pods of a namespace.

    Jobs and CronJobs want no Pods for good: of them only the pull errors count. A workload that should be there and is
    not lacks all its Pods; one that somebody else applies (delivery ``render``) counts once it is there.

    Args:
        plan: the stack's.
        clusters: its clusters by name.

    Raises:
        ClusterError: a cluster that cannot be asked.
    """
    found = Health()
    for cluster in plan.clusters:
        for namespace in cluster.namespaces:
            found += _in(clusters[cluster.name], namespace)
    return found


def pods(workload: Object) -> tuple[int, int]:
    """Return how many Pods of a live workload are available, and how many it wants; none of kinds that keep none.

    >>> pods({"kind": "Deployment", "spec": {"replicas": 3}, "status": {"availableReplicas": 2}})
    (2, 3)
    """
    rule = _COUNTED.get(str(workload.get("kind")))
    available, wanted = rule(workload) if rule else (0, 0)
    return min(available, wanted), wanted


def _in(cluster: Cluster, namespace: Namespace) -> Health:
    wanted = [Watched(each.api_version, each.kind, each.name, {}) for each in namespace.all_workloads]
    seen = see(cluster, namespace.name, wanted)
    available = asked = 0
    for each in namespace.all_workloads:
        live = seen.workloads.get((each.api_version, each.kind, each.name))
        has, wants = (0, _missing(each)) if live is None else pods(live)
        available, asked = available + has, asked + wants
    theirs = {
        str(pod["metadata"]["name"])
        for each in namespace.all_workloads
        if (live := seen.workloads.get((each.api_version, each.kind, each.name))) and live.get("spec")
        for pod in own_pods(live, seen.pods)
    }
    targets = {Reference.parse(each.target).name for each in namespace.pulls}
    stuck = [pod for pod in seen.pods if "deletionTimestamp" not in pod["metadata"]]
    place = f"cluster {cluster.name}: namespace {namespace.name}"
    errors = [
        str(ClusterError(str(each), place, remedy=each.remedy))
        for pod in stuck
        for each in _unpulled(pod)
        if (each.pod in theirs or _image(pod, each.container) in targets) and not _raced(cluster, namespace.name, each)
    ]
    return Health(available, asked, tuple(sorted(errors)))


def _missing(workload: Workload) -> int:
    """Return how many Pods are wanted of a workload that is not there."""
    if workload.kind not in _COUNTED or workload.delivery == "render" or not _there(workload):
        return 0
    spec = workload.document.get("spec")
    return int(spec.get("replicas", 1)) if isinstance(spec, Mapping) else 1


def _there(workload: Workload) -> bool:
    """Whether it should be there: what the stack owns is made when it is switched, all else was there before."""
    return workload.delivery != "own" or workload.switched


def _unpulled(pod: Object) -> Iterable[Stranded]:
    return (each for each in stranded([pod]) if each.reason not in IMAGE_IS_THERE)


def _raced(cluster: Cluster, namespace: str, found: Stranded) -> bool:
    """Whether a kubelet overcomes it by itself: it was faster than its right to read the pull Secret."""
    if found.reason not in PULLS:
        return False
    return forgiven(cluster.list("v1", "Event", namespace, fields=f"involvedObject.name={found.pod}"))


def _image(pod: Object, container: str) -> str:
    """Return the name of the image that a container is to run, empty where it is none."""
    try:
        return Reference.parse(images_of(pod).get(container, "")).name
    except InvalidReference:
        return ""


def _replicas(workload: Object) -> tuple[int, int]:
    status = workload.get("status") or {}
    available = status.get("availableReplicas", status.get("readyReplicas", 0))
    return int(available), int(workload["spec"].get("replicas", 1))


def _daemon_set(workload: Object) -> tuple[int, int]:
    status = workload.get("status") or {}
    return int(status.get("numberAvailable", 0)), int(status.get("desiredNumberScheduled", 0))


def _pod(workload: Object) -> tuple[int, int]:
    status = workload.get("status") or {}
    if status.get("phase") in ("Succeeded", "Failed"):
        return 0, 0
    ready = any(each["type"] == "Ready" and each["status"] == "True" for each in status.get("conditions") or ())
    return int(ready), 1


_COUNTED: Final[Mapping[str, Callable[[Object], tuple[int, int]]]] = {
    "DaemonSet": _daemon_set,
    "Deployment": _replicas,
    "Pod": _pod,
    "ReplicaSet": _replicas,
    "ReplicationController": _replicas,
    "StatefulSet": _replicas,
}
