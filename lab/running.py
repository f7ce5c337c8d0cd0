"""What runs in the lab's cluster, read from the API server: containers, their images, and who pulled them from where."""

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
    """Every container of the newest Pod of each workload in the namespaces, sorted. Pods that are leaving do not count."""
    rows: list[Container] = []
    for namespace in namespaces:
        newest: dict[str, dict[str, Any]] = {}
        for pod in get(env, "pods", "-n", namespace):
            if "deletionTimestamp" not in pod["metadata"]:
                known = newest.get(_workload(pod))
                if known is None or _born(known) <= _born(pod):
                    newest[_workload(pod)] = pod
        pulls = _pulls(env, namespace)
        for workload, pod in newest.items():
            rows.extend(_of(pod, namespace, workload, pulls))
    return sorted(rows)


def _of(
    pod: dict[str, Any], namespace: str, workload: str, pulls: Mapping[tuple[str, str], str]
) -> list[Container]:
    statuses = {
        status["name"]: status
        for key in ("initContainerStatuses", "containerStatuses")
        for status in pod["status"].get(key, [])
    }
    return [
        Container(
            namespace,
            workload,
            container["name"],
            container["image"],
            statuses.get(container["name"], {}).get("imageID", ""),
            pulls.get((pod["metadata"]["name"], container["name"]), ""),
            _state(statuses.get(container["name"], {})),
        )
        for key in ("initContainers", "containers")
        for container in pod["spec"].get(key, [])
    ]


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
