"""A cluster that pretends to run a build: what its Pod says is given by the test."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from hub2ghcr.errors import ClusterError
from tests.hub2ghcr.pretended import Pretended

State = Mapping[str, Any]
RUNNING: State = {"running": {}}
IMAGE_MISSING: State = {"waiting": {"reason": "ImagePullBackOff", "message": "Back-off pulling image"}}


def ended(message: str = "", code: int = 0) -> State:
    """The state of a container that has ended."""
    return {"terminated": {"exitCode": code, "message": message, "reason": "Error" if code else "Completed"}}


@dataclass
class Pods:
    """The states that the containers of the Pod have, one after the other; the last one stays."""

    executor: list[State] = field(default_factory=list)
    receiver: list[State] = field(default_factory=list)
    scheduled: str = ""

    def pod(self, uid: str) -> dict[str, Any]:
        """The Pod as it is now."""
        status: dict[str, Any] = {}
        for key, name, states in (
            ("initContainerStatuses", "context", self.receiver),
            ("containerStatuses", "kaniko", self.executor),
        ):
            if states:
                status[key] = [{"name": name, "state": states.pop(0) if len(states) > 1 else states[0]}]
        if self.scheduled:
            status["conditions"] = [{"type": "PodScheduled", "status": "False", "message": self.scheduled}]
        return {"metadata": {"name": "pod", "ownerReferences": [{"uid": uid}]}, "status": status}


class Building(Pretended):
    """Runs no build: its Pods are those of ``pods``; ``fed`` is what was handed over, ``logged`` what they log."""

    def __init__(self, pods: Pods | None, logged: Iterable[str] = (), job: State | None = None) -> None:
        super().__init__()
        self.pods, self.logged, self.job = pods, list(logged), job
        self.fed: list[bytes] = []
        self.commands: list[Sequence[str]] = []
        self.events: list[dict[str, Any]] = []
        self.stays: set[str] = set()

    def list(
        self, api_version: str, kind: str, namespace: str = "", *, labels: str = "", fields: str = ""
    ) -> Iterator[dict[str, Any]]:
        if kind == "Event":
            yield from self.events
        elif kind == "Pod":
            name = labels.removeprefix("job-name=")
            yield {"metadata": {"name": "of an earlier Job", "ownerReferences": [{"uid": "gone"}]}, "status": {}}
            live = self.objects.get(("batch/v1", "Job", namespace, name))
            if live and self.pods and not live["spec"]["suspend"]:
                yield self.pods.pod(live["metadata"]["uid"])

    def get(self, api_version: str, kind: str, namespace: str, name: str) -> dict[str, Any] | None:
        found = super().get(api_version, kind, namespace, name)
        return {**found, "status": self.job} if found and self.job and kind == "Job" else found

    def log(self, namespace: str, pod: str, container: str) -> Iterator[str]:
        yield from self.logged
        if not self.logged:
            raise ClusterError("no log")

    def feed(self, namespace: str, pod: str, container: str, command: Sequence[str], content: Iterable[bytes]) -> None:
        self.commands.append(command)
        self.fed.append(b"".join(content))

    def delete(self, api_version: str, kind: str, namespace: str, name: str, *, uid: str | None = None) -> bool:
        if kind in self.stays:
            raise ClusterError(f"{kind} may not be deleted")
        return super().delete(api_version, kind, namespace, name, uid=uid)

    def left(self) -> set[str]:
        """The kinds of what is still there."""
        return {kind for _, kind, _, _ in self.objects}
