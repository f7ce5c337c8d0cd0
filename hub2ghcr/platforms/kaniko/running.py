"""What becomes of a build's Pod, as the API server tells it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from ...cluster import Cluster
from ...errors import ClusterError, Refused
from .job import KANIKO, RECEIVER

_POLL: Final = 0.5
_STUCK: Final = frozenset({"ErrImageNeverPull", "ImagePullBackOff", "InvalidImageName"})
"""Why a container waits for ever: the kubelet has tried."""
_SPARE: Final = 60.0
"""Seconds beyond its own limit in which the cluster should have ended a Job."""

Object = Mapping[str, Any]


@dataclass(frozen=True)
class Running:
    """The Job of a build that has begun.

    Attributes:
        cluster: where it is.
        namespace: its namespace.
        name: its name.
        uid: its UID: Pods of an earlier Job of that name may still be there.
        seconds: how long it may take.
    """

    cluster: Cluster
    namespace: str
    name: str
    uid: str
    seconds: int

    @property
    def place(self) -> str:
        """Where it is, for errors."""
        return f"cluster {self.cluster.name}: Job {self.namespace}/{self.name}"

    def receiver(self) -> str:
        """Wait until the init container listens; return the name of the Pod."""
        return _name(self._until(lambda pod: "running" in _state(pod, RECEIVER)))

    def begun(self) -> str:
        """Wait until the executor runs, or has ended; return the name of the Pod."""
        return _name(self._until(lambda pod: {"running", "terminated"} & set(_state(pod, KANIKO))))

    def ended(self) -> Object:
        """Wait until the executor has ended; return the ``terminated`` of its state (core/v1 ContainerState)."""
        found: Object = _state(self._until(lambda pod: "terminated" in _state(pod, KANIKO)), KANIKO)["terminated"]
        return found

    def _until(self, reached: Callable[[Object], object]) -> Object:
        end = time.monotonic() + self.seconds + _SPARE
        told = "no Pod of it was made"
        while time.monotonic() < end:
            for pod in self.cluster.list("v1", "Pod", self.namespace, labels=f"job-name={self.name}"):
                if self.uid not in {each.get("uid") for each in pod["metadata"].get("ownerReferences") or ()}:
                    continue
                if reached(pod):
                    return pod
                self._refuse(pod)
                told = next(_waits(pod), told)
            self._refuse_ended(told)
            time.sleep(_POLL)
        raise self._late(told)

    def _refuse(self, pod: Object) -> None:
        """Raise what a Pod cannot get over."""
        for each in _statuses(pod):
            waiting = each.get("state", {}).get("waiting") or {}
            if waiting.get("reason") in _STUCK:
                remedy = "name an image that this namespace can pull, or a ServiceAccount that lists its pull Secret"
                told = waiting.get("message") or waiting["reason"]
                raise ClusterError(f"container {each['name']} does not start: {told}", self.place, remedy=remedy)
            ended = each.get("state", {}).get("terminated") or {}
            if each["name"] == RECEIVER and ended.get("exitCode"):
                told = ended.get("message") or ended.get("reason") or "no reason given"
                remedy = "the image of the executor needs a shell: take its `debug` variant"
                raise ClusterError(f"container {RECEIVER} failed: {told}", self.place, remedy=remedy)

    def _refuse_ended(self, told: str) -> None:
        """Raise where the Job has come to its end without the Pod that is waited for."""
        found = self.cluster.get("batch/v1", "Job", self.namespace, self.name)
        if found is None:
            raise ClusterError("was deleted while it was waited for", self.place, remedy="run it again")
        for each in (found.get("status") or {}).get("conditions") or ():
            if each.get("type") != "Failed" or each.get("status") != "True":
                continue
            if each.get("reason") == "DeadlineExceeded":
                raise self._late(told)
            raise ClusterError(f"failed: {each.get('message') or each.get('reason')}", self.place)
        for event in self._refusals(found):
            raise ClusterError(f"has no Pod: {event}", self.place)

    def _refusals(self, job: Object) -> Iterator[str]:
        if (job.get("status") or {}).get("active"):
            return
        fields = f"involvedObject.uid={self.uid},reason=FailedCreate"
        try:
            for event in self.cluster.list("v1", "Event", self.namespace, fields=fields):
                yield str(event.get("message", ""))
        except Refused:
            return  # who may not read events is told in the end that there was no Pod

    def _late(self, told: str) -> ClusterError:
        return ClusterError(f"did not end within {self.seconds} s: {told}", self.place, remedy="allow it more time")


def _name(pod: Object) -> str:
    return str(pod["metadata"]["name"])


def _statuses(pod: Object) -> list[Object]:
    status = pod.get("status") or {}
    return [*(status.get("initContainerStatuses") or ()), *(status.get("containerStatuses") or ())]


def _state(pod: Object, container: str) -> Mapping[str, Any]:
    return next((each.get("state") or {} for each in _statuses(pod) if each["name"] == container), {})


def _waits(pod: Object) -> Iterator[str]:
    """Yield what a Pod waits for."""
    for each in (pod.get("status") or {}).get("conditions") or ():
        if each.get("type") == "PodScheduled" and each.get("status") != "True":
            yield f"its Pod has no node: {each.get('message') or each.get('reason')}"
    for each in _statuses(pod):
        if waiting := each.get("state", {}).get("waiting"):
            yield f"container {each['name']} waits: {waiting.get('message') or waiting.get('reason')}"
    yield "the build was still running"
