"""What runs in the lab's cluster, from the API server: containers, their images, and who pulled them from where."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lab.kubectl import get

_POD_HASH = re.compile(r"-[a-z0-9]+$")
_PULLED = re.compile(r'Successfully pulled image "(?P<image>[^"]+)" in (?P<time>\S+)')


@dataclass(frozen=True, order=True)
class Container:
    """One container of one workload (of its newest Pod).

    ``image`` stands in the Pod's spec; ``image_id`` is what the container runtime reports (reference with digest).
    ``pulled`` is how the kubelet got it (its event), empty when it told nothing. ``state`` is Running, Completed, or
    the reason why neither.
    """

    namespace: str
    workload: str
    container: str
    image: str
    image_id: str
    pulled: str
    state: str


def containers(env: Mapping[str, str], namespaces: tuple[str, ...]) -> list[Container]:
    """Every container of the newest Pod of each workload in the namespaces, sorted. Pods that are leaving do not count.

    A pull counts for all Pods of a workload: the second replica finds on the node what the first one pulled.
    """
    rows: list[Container] = []
    for namespace in namespaces:
        workloads: dict[str, list[dict[str, Any]]] = {}
        for pod in get(env, "pods", "-n", namespace):
            if "deletionTimestamp" not in pod["metadata"]:
                workloads.setdefault(_workload(pod), []).append(pod)
        pulls = _pulls(env, namespace)
        for workload, pods in workloads.items():
            rows.extend(_of(sorted(pods, key=_born), namespace, workload, pulls))
    return sorted(rows)


def _of(
    pods: list[dict[str, Any]], namespace: str, workload: str, pulls: Mapping[tuple[str, str], str]
) -> list[Container]:
    newest = pods[-1]
    alike = [pod for pod in pods if _images(pod) == _images(newest)]
    statuses = {
        status["name"]: status
        for key in ("initContainerStatuses", "containerStatuses")
        for status in newest["status"].get(key, [])
    }
    rows = []
    for name, image in _images(newest).items():
        told = [pulls.get((pod["metadata"]["name"], name), "") for pod in alike]
        pulled = next((one for one in told if " in " in one), told[-1])
        status = statuses.get(name, {})
        rows.append(Container(namespace, workload, name, image, status.get("imageID", ""), pulled, _state(status)))
    return rows


def _images(pod: dict[str, Any]) -> dict[str, str]:
    return {
        container["name"]: container["image"]
        for key in ("initContainers", "containers")
        for container in pod["spec"].get(key, [])
    }


def _born(pod: dict[str, Any]) -> str:
    return str(pod["metadata"]["creationTimestamp"])


def _workload(pod: dict[str, Any]) -> str:
    """Kind and name of what made the Pod: the Deployment of a ReplicaSet, the CronJob of a Job, else the Pod itself."""
    for owner in pod["metadata"].get("ownerReferences", []):
        above = {"ReplicaSet": "Deployment", "Job": "CronJob"}.get(owner["kind"])
        return f"{above}/{_POD_HASH.sub('', owner['name'])}" if above else f"{owner['kind']}/{owner['name']}"
    return f"Pod/{pod['metadata']['name']}"


def _state(status: dict[str, Any]) -> str:
    state = status.get("state", {})
    if "running" in state:
        return "Running"
    if "terminated" in state:
        return str(state["terminated"].get("reason", "Terminated"))
    return str(state.get("waiting", {}).get("reason", "Pending"))


def _pulls(env: Mapping[str, str], namespace: str) -> dict[tuple[str, str], str]:
    """Pod and container name → what the kubelet's event says of the pull."""
    found: dict[tuple[str, str], str] = {}
    for event in get(env, "events", "-n", namespace):
        path = re.search(r"ontainers\{(.+)\}", event["involvedObject"].get("fieldPath", ""))
        if event.get("reason") != "Pulled" or path is None:
            continue
        pulled = _PULLED.search(event["message"])
        told = f"{pulled['image'].split('/')[0]} in {pulled['time']}" if pulled else "present on the node"
        if pulled and ("/" not in pulled["image"] or "." not in pulled["image"].split("/")[0]):
            told = f"docker.io in {pulled['time']}"
        found[event["involvedObject"]["name"], path[1]] = told
    return found
