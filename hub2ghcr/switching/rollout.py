"""Whether a workload runs on what it was switched to, and why not: told by its object and its Pods alone.

Rules, by kind, as ``kubectl rollout status`` has them (https://kubernetes.io/docs/reference/kubectl/generated/kubectl_rollout/):

- Deployment: the controller has seen the change, all replicas are updated, none of the old is left, all are available.
- StatefulSet: the same from its ``partition`` upwards; DaemonSet: on every node.
- Strategy ``OnDelete``, ReplicaSet, ReplicationController, CronJob: the change is for Pods to come.
- Paused, suspended or without replicas: nothing has to run.
- Pod: its containers run; Job: what it started has pulled its images.

Then the Pods themselves: they name the new images, and their runtime says that it runs these. A kubelet that cannot
pull says so in a Pod's status, seconds after the switch; nobody has to wait for a deadline to hear of it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from ..cluster import pull_failures
from ..errors import InvalidReference
from ..manifests import pod_spec
from ..reference import Reference

State = Literal["done", "waiting", "failed"]
Object = Mapping[str, Any]

ON_ITS_WAY: Final = frozenset({"ContainerCreating", "PodInitializing"})
"""Why a container waits that will come to start (kubelet: pkg/kubelet/kubelet_pods.go)."""
CRASHING: Final = "CrashLoopBackOff"
"""Why one waits that has started and ended: its image was pulled."""
PULLS: Final = frozenset({"ErrImagePull", "ImagePullBackOff"})
"""Why one waits that was refused by a registry.

There is no list of all others: where the kubelet cannot read one entry of any pull Secret of a Pod, it pulls nothing
for it, and gives the parser's words as the reason.
"""

_TOLD_TWICE: Final = tuple(f"Error: {each}" for each in PULLS)
"""What a kubelet says of a pull besides the registry's words, in an event of its own."""
_CAUSE = re.compile(r"^.*?(?:ErrImagePull: |desc = )(?=.)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a workload stands, and why: what it waits for, what failed, or a note on what is done."""

    state: State
    why: str = ""


@dataclass(frozen=True, slots=True)
class Stranded:
    """A container that waits: on which node, the kubelet's reason, and its message (the registry's words)."""

    pod: str
    node: str
    container: str
    reason: str
    message: str

    def __str__(self) -> str:
        return f"Pod {self.pod} on {self.node or 'no node'}: container {self.container}: {self.said}"

    @property
    def said(self) -> str:
        """The kubelet's reason and message, as one."""
        return self.reason if self.message in ("", self.reason) else f"{self.reason}: {self.message}"

    @property
    def remedy(self) -> str:
        """What to do about it."""
        return pull_failures.remedy(self.said)


def images_of(document: Object) -> dict[str, str]:
    """Return the images that a document gives its containers, by container name."""
    spec = pod_spec(document) or {}
    return {
        each["name"]: each["image"]
        for key in ("initContainers", "containers")
        for each in spec.get(key) or ()
        if "image" in each
    }


def standing(
    workload: Object, pods: Iterable[Object], wanted: Mapping[str, str], digests: Container[str] = ()
) -> Standing:
    """Tell where a workload stands on its way to the ``wanted`` images (by container).

    ``pods`` are those of its namespace; its own are found by its selector. Under ``digests`` their images are known
    besides. What is stranded is not judged here.
    """
    if workload.get("kind") in ("Deployment", "StatefulSet") and workload["spec"].get("replicas") == 0:
        return Standing("done")
    if reason := _resting(workload):
        return Standing("done", reason)
    rule = _RULES.get(str(workload.get("kind")))
    if rule is None:
        return Standing("done", "of a kind that nobody here can watch")
    found = rule(workload)
    if found.state != "done":
        return found
    for pod in updated(workload, pods, wanted):
        if why := _elsewhere(pod, wanted, digests):
            return Standing("waiting", f"Pod {pod['metadata']['name']} runs {why}")
    return found


def updated(workload: Object, pods: Iterable[Object], wanted: Mapping[str, str]) -> list[Object]:
    """Return the workload's Pods that name the wanted images and are not leaving, by name."""
    found = [pod for pod in own_pods(workload, pods) if "deletionTimestamp" not in pod["metadata"]]
    return [pod for pod in found if wanted.items() <= images_of(pod).items()]


def own_pods(workload: Object, pods: Iterable[Object]) -> list[Object]:
    """Return the Pods that a workload selects, by name; a Pod is its own."""
    if workload.get("kind") == "Pod":
        return [workload]
    selector = workload["spec"].get("selector") or {}
    found = [pod for pod in pods if selects(selector, pod["metadata"].get("labels") or {})]
    return sorted(found, key=lambda each: str(each["metadata"]["name"]))


def stranded(pods: Iterable[Object]) -> list[Stranded]:
    """Return the containers that will not start without somebody's doing, in the order of their Pods."""
    return [each for each in _waiting(pods) if each.reason not in ON_ITS_WAY and each.reason != CRASHING]


def crashing(pods: Iterable[Object]) -> list[Stranded]:
    """Return the containers that start and end again and again, in the order of their Pods."""
    return [each for each in _waiting(pods) if each.reason == CRASHING]


def _waiting(pods: Iterable[Object]) -> Iterator[Stranded]:
    for pod in pods:
        status = pod.get("status") or {}
        for each in (*(status.get("initContainerStatuses") or ()), *(status.get("containerStatuses") or ())):
            waiting = (each.get("state") or {}).get("waiting") or {}
            if reason := str(waiting.get("reason") or ""):
                yield Stranded(
                    str(pod["metadata"]["name"]),
                    str((pod.get("spec") or {}).get("nodeName") or ""),
                    str(each["name"]),
                    reason,
                    cause(str(waiting.get("message") or "")),
                )


def cause(message: str) -> str:
    """Return the registry's words in a kubelet's message, without what kubelet and runtime put before them.

    >>> cause('Back-off pulling image "a": ErrImagePull: rpc error: code = NotFound desc = a: not found')
    'a: not found'
    """
    while (shorter := _CAUSE.sub("", message)) != message:
        message = shorter
    return " ".join(message.split())


def forgiven(events: Iterable[Object]) -> bool:
    """Whether a Pod's events tell of pulls that began before its node was allowed to read the pull Secret.

    A node may read a Secret once its authorizer has seen a Pod there that names it. A kubelet that is faster pulls
    without the Secret, once for each container, and says so with ``FailedToRetrieveImagePullSecret``. A pull that
    fails a second time had the Secret, or will never have it.
    """
    told = list(events)
    if not failures(told):
        return True
    raced = any(each.get("reason") == "FailedToRetrieveImagePullSecret" for each in told)
    return raced and max(_failures(told).values()) == 1


def failures(events: Iterable[Object]) -> int:
    """Return how often containers of a Pod could not be started, as its events tell; each pull counts once."""
    return _failures(events).total()


def _failures(events: Iterable[Object]) -> Counter[str]:
    """Count by container: events say which by a path, ``spec.containers{web}``."""
    found: Counter[str] = Counter()
    for each in events:
        if each.get("reason") == "Failed" and not str(each.get("message")).startswith(_TOLD_TWICE):
            container = str((each.get("involvedObject") or {}).get("fieldPath") or "")
            found[container] += int(each.get("count") or (each.get("series") or {}).get("count") or 1)
    return found


def selects(selector: Object, labels: Mapping[str, str]) -> bool:
    """Whether a label selector (of a ReplicationController: the labels themselves) selects these labels."""
    if not selector:
        return False
    if not {"matchLabels", "matchExpressions"} & set(selector):
        return selector.items() <= labels.items()
    if not (selector.get("matchLabels") or {}).items() <= labels.items():
        return False
    return all(_expressed(each, labels) for each in selector.get("matchExpressions") or ())


def _expressed(expression: Object, labels: Mapping[str, str]) -> bool:
    key, values = expression["key"], expression.get("values") or ()
    return {
        "In": lambda: labels.get(key) in values,
        "NotIn": lambda: labels.get(key) not in values,
        "Exists": lambda: key in labels,
        "DoesNotExist": lambda: key not in labels,
    }[expression["operator"]]()


def _resting(workload: Object) -> str:
    """Return why old Pods may stay, empty where new ones have to run."""
    spec = workload.get("spec") or {}
    if spec.get("paused"):
        return "it is paused: it rolls out when it is resumed"
    if spec.get("suspend"):
        return "it is suspended"
    if (spec.get("updateStrategy") or {}).get("type") == "OnDelete":
        return "its strategy is OnDelete: each Pod keeps its image until it is deleted"
    if workload.get("kind") in ("ReplicaSet", "ReplicationController"):
        return "its Pods keep their image until they are deleted"
    return ""


def _deployment(workload: Object) -> Standing:
    spec, status = workload["spec"], workload.get("status") or {}
    replicas, of_new = spec.get("replicas", 1), status.get("updatedReplicas", 0)
    for each in status.get("conditions") or ():
        late = each.get("type") == "Progressing" and each.get("reason") == "ProgressDeadlineExceeded"
        if late and _observed(workload):
            return Standing("failed", f"its progress deadline is exceeded: {each.get('message', '')}")
    if not _observed(workload):
        return Standing("waiting", "its controller has not seen the change")
    if of_new < replicas:
        return Standing("waiting", f"{of_new} of {replicas} replicas are updated")
    if (left := status.get("replicas", 0) - of_new) > 0:
        return Standing("waiting", f"{left} old replicas are still there")
    if (ready := status.get("availableReplicas", 0)) < of_new:
        return Standing("waiting", f"{ready} of {of_new} updated replicas are available")
    return Standing("done")


def _stateful_set(workload: Object) -> Standing:
    spec, status = workload["spec"], workload.get("status") or {}
    replicas = spec.get("replicas", 1)
    partition = ((spec.get("updateStrategy") or {}).get("rollingUpdate") or {}).get("partition") or 0
    if not _observed(workload):
        return Standing("waiting", "its controller has not seen the change")
    wanted, of_new = max(replicas - partition, 0), status.get("updatedReplicas", 0)
    if status.get("currentRevision") == status.get("updateRevision"):
        of_new = replicas
    if of_new < wanted:
        return Standing("waiting", f"{of_new} of {wanted} replicas are updated")
    if (ready := status.get("readyReplicas", 0)) < replicas:
        return Standing("waiting", f"{ready} of {replicas} replicas are ready")
    kept = min(partition, replicas)
    return Standing("done", f"its partition keeps ordinals 0 to {kept - 1} on their old images" if kept else "")


def _daemon_set(workload: Object) -> Standing:
    status = workload.get("status") or {}
    nodes, of_new = status.get("desiredNumberScheduled", 0), status.get("updatedNumberScheduled", 0)
    if not _observed(workload):
        return Standing("waiting", "its controller has not seen the change")
    if of_new < nodes:
        return Standing("waiting", f"{of_new} of {nodes} nodes are updated")
    if (ready := status.get("numberAvailable", 0)) < nodes:
        return Standing("waiting", f"its Pods are available on {ready} of {nodes} nodes")
    return Standing("done")


def _pod(workload: Object) -> Standing:
    status = workload.get("status") or {}
    if status.get("phase") in ("Succeeded", "Failed"):
        return Standing("done", f"it has ended ({status['phase']})")
    ready = any(each["type"] == "Ready" and each["status"] == "True" for each in status.get("conditions") or ())
    return Standing("done") if ready else Standing("waiting", "it is not ready")


def _job(workload: Object) -> Standing:
    status = workload.get("status") or {}
    begun = status.get("ready", 0) + status.get("succeeded", 0) + status.get("failed", 0)
    return Standing("done") if begun or status.get("completionTime") else Standing("waiting", "no Pod of it runs")


def _cron_job(_: Object) -> Standing:
    return Standing("done", "its next Job has the new images")


_RULES: Final[Mapping[str, Callable[[Object], Standing]]] = {
    "CronJob": _cron_job,
    "DaemonSet": _daemon_set,
    "Deployment": _deployment,
    "Job": _job,
    "Pod": _pod,
    "StatefulSet": _stateful_set,
}


def _observed(workload: Object) -> bool:
    observed = (workload.get("status") or {}).get("observedGeneration", 0)
    return bool(observed >= workload["metadata"].get("generation", 0))


def _elsewhere(pod: Object, wanted: Mapping[str, str], digests: Container[str]) -> str:
    """Return an image that a container of the Pod runs and that is not what it should be, empty where there is none.

    Runtimes name what runs by one of its names and by its digest, or that of its platform: either tells. An image that
    came twice, as its source and as its copy of some platforms, is one image to them, told by one of its names. A
    kubelet that only pretends (kwok) tells nothing.
    """
    statuses: Sequence[Object] = (pod.get("status") or {}).get("containerStatuses") or ()
    for each in statuses:
        running = str(each.get("imageID") or "").rpartition("://")[2]
        if each["name"] in wanted and "@" in running and not _same(running, wanted[each["name"]], digests):
            return f"{running} in container {each['name']}"
    return ""


def _same(running: str, wanted: str, digests: Container[str]) -> bool:
    try:
        one, other = Reference.parse(running), Reference.parse(wanted)
    except InvalidReference:
        return False
    return one.name == other.name or one.digest == other.digest or one.digest in digests
