from __future__ import annotations

from typing import Any

import pytest

from hub2ghcr.switching.rollout import (
    Standing,
    cause,
    crashing,
    failures,
    forgiven,
    images_of,
    selects,
    standing,
    stranded,
    updated,
)

NEW, OLD = "ghcr.io/acme/nginx:1.27@sha256:" + "a" * 64, "nginx:1.27"
WANTED = {"web": NEW}


def workload(kind: str, status: dict[str, Any], **spec: Any) -> dict[str, Any]:
    spec = {"selector": {"matchLabels": {"app": "web"}}, **spec}
    return {"kind": kind, "metadata": {"name": "web", "generation": 2}, "spec": spec, "status": status}


def pod(name: str = "web-1", image: str = NEW, *, running: str = "", waiting: tuple[str, str] | None = None,
        leaving: bool = False, labels: dict[str, str] | None = None, init: bool = False) -> dict[str, Any]:  # fmt: skip
    metadata: dict[str, Any] = {"name": name, "labels": labels or {"app": "web"}}
    if leaving:
        metadata["deletionTimestamp"] = "2026-01-01T00:00:00Z"
    state: dict[str, Any] = {"waiting": dict(zip(("reason", "message"), waiting, strict=True))} if waiting else {}
    status = {"name": "web", "imageID": running, "state": state or {"running": {}}}
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": metadata,
        "spec": {"nodeName": "node-1", "containers": [{"name": "web", "image": image}]},
        "status": {"initContainerStatuses" if init else "containerStatuses": [status]},
    }


SEEN = {"observedGeneration": 2}
DEPLOYED = {**SEEN, "replicas": 3, "updatedReplicas": 3, "availableReplicas": 3}
SET = {**SEEN, "updatedReplicas": 3, "readyReplicas": 3, "currentRevision": "1", "updateRevision": "2"}
ON_NODES = {**SEEN, "desiredNumberScheduled": 2, "updatedNumberScheduled": 2, "numberAvailable": 2}
LATE = {"type": "Progressing", "reason": "ProgressDeadlineExceeded", "message": "too slow"}
FROM_TWO = {"updateStrategy": {"rollingUpdate": {"partition": 2}}}


@pytest.mark.parametrize(
    ("kind", "status", "spec", "state", "why"),
    [
        ("Deployment", DEPLOYED, {"replicas": 3}, "done", ""),
        ("Deployment", {**DEPLOYED, "observedGeneration": 1}, {"replicas": 3}, "waiting", "has not seen"),
        ("Deployment", {}, {"replicas": 3}, "waiting", "has not seen"),
        ("Deployment", {**DEPLOYED, "updatedReplicas": 1}, {"replicas": 3}, "waiting", "1 of 3 replicas are updated"),
        ("Deployment", {**DEPLOYED, "replicas": 4}, {"replicas": 3}, "waiting", "1 old replicas are still there"),
        ("Deployment", {**DEPLOYED, "availableReplicas": 2}, {"replicas": 3}, "waiting", "2 of 3 updated replicas"),
        ("Deployment", {**DEPLOYED, "conditions": [LATE]}, {"replicas": 3}, "failed", "deadline is exceeded: too slow"),
        ("Deployment", {**DEPLOYED, "conditions": [LATE], "observedGeneration": 1}, {}, "waiting", "has not seen"),
        ("Deployment", {}, {"replicas": 3, "paused": True}, "done", "paused"),
        ("Deployment", {}, {"replicas": 0}, "done", ""),
        ("StatefulSet", SET, {"replicas": 3}, "done", ""),
        ("StatefulSet", {**SET, "observedGeneration": 1}, {"replicas": 3}, "waiting", "has not seen"),
        ("StatefulSet", {**SET, "updatedReplicas": 1}, {"replicas": 3}, "waiting", "1 of 3"),
        ("StatefulSet", {**SET, "updatedReplicas": 0, "currentRevision": "2"}, {"replicas": 3}, "done", ""),
        ("StatefulSet", {**SET, "updatedReplicas": 1}, {"replicas": 3, **FROM_TWO}, "done", "ordinals 0 to 1"),
        ("StatefulSet", {**SET, "updatedReplicas": 0}, {"replicas": 3, **FROM_TWO}, "waiting", "0 of 1"),
        ("StatefulSet", {**SET, "readyReplicas": 2}, {"replicas": 3}, "waiting", "2 of 3 replicas are ready"),
        ("StatefulSet", {}, {"replicas": 3, "updateStrategy": {"type": "OnDelete"}}, "done", "OnDelete"),
        ("DaemonSet", ON_NODES, {}, "done", ""),
        ("DaemonSet", {**ON_NODES, "observedGeneration": 1}, {}, "waiting", "has not seen"),
        ("DaemonSet", {**ON_NODES, "updatedNumberScheduled": 1}, {}, "waiting", "1 of 2 nodes are updated"),
        ("DaemonSet", {**ON_NODES, "numberAvailable": 1}, {}, "waiting", "1 of 2 nodes"),
        ("DaemonSet", {}, {"updateStrategy": {"type": "OnDelete"}}, "done", "OnDelete"),
        ("CronJob", {}, {}, "done", "its next Job"),
        ("CronJob", {}, {"suspend": True}, "done", "suspended"),
        ("Job", {}, {}, "waiting", "no Pod of it runs"),
        ("Job", {"ready": 1}, {}, "done", ""),
        ("Job", {"succeeded": 1}, {}, "done", ""),
        ("Job", {}, {"suspend": True}, "done", "suspended"),
        ("ReplicaSet", {}, {}, "done", "until they are deleted"),
        ("ReplicationController", {}, {"selector": {"app": "web"}}, "done", "until they are deleted"),
        ("Rollout", {}, {}, "done", "nobody here can watch"),
    ],
)  # fmt: skip
def test_where_a_workload_stands(kind: str, status: dict[str, Any], spec: dict[str, Any], state: str, why: str) -> None:
    found = standing(workload(kind, status, **spec), [], WANTED)
    assert found.state == state
    assert why in found.why
    assert bool(found.why) == bool(why)


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ({"conditions": [{"type": "Ready", "status": "True"}]}, "done"),
        ({"conditions": [{"type": "Ready", "status": "False"}]}, "waiting"),
        ({"phase": "Succeeded"}, "done"),
        ({}, "waiting"),
    ],
)
def test_a_pod_is_its_own_pod(status: dict[str, Any], state: str) -> None:
    bare = pod()
    bare["status"] = status
    assert standing(bare, [], WANTED).state == state


@pytest.mark.parametrize(
    ("running", "done"),
    [
        ("ghcr.io/acme/nginx@sha256:" + "b" * 64, True),  # some runtimes tell the digest of the platform
        ("docker.io/library/nginx@sha256:" + "a" * 64, True),  # others any name of the same content
        ("docker-pullable://ghcr.io/acme/nginx@sha256:" + "a" * 64, True),
        ("", True),  # nobody pulls on a node that only pretends
        ("sha256:" + "c" * 64, True),
        ("docker.io/library/nginx@sha256:" + "b" * 64, False),
    ],
)
def test_pods_really_run_what_they_name(running: str, done: bool) -> None:
    found = standing(workload("Deployment", DEPLOYED, replicas=3), [pod(running=running)], WANTED)
    assert found == (Standing("done") if done else Standing("waiting", f"Pod web-1 runs {running} in container web"))


def test_an_image_that_came_as_source_and_as_copy_of_some_platforms_is_one_on_its_node() -> None:
    """Its configuration is the same, and a runtime tells one of its names with that one's digest."""
    digest = "sha256:" + "b" * 64
    running = [pod(running=f"docker.io/library/nginx@{digest}")]
    assert standing(workload("Deployment", DEPLOYED, replicas=3), running, WANTED, {digest}) == Standing("done")
    assert standing(workload("Deployment", DEPLOYED, replicas=3), running, WANTED).state == "waiting"


def test_what_went_back_may_run_under_the_name_of_its_copy() -> None:
    digest = "sha256:" + "a" * 64
    running = [pod(image="quay.io/acme/nginx:1.27", running=f"ghcr.io/acme/nginx@{digest}")]
    wanted = {"web": "quay.io/acme/nginx:1.27"}
    assert standing(workload("Deployment", DEPLOYED, replicas=3), running, wanted, {digest}) == Standing("done")
    assert standing(workload("Deployment", DEPLOYED, replicas=3), running, wanted).state == "waiting"


def test_pods_of_old_images_of_others_or_on_their_way_out_are_not_looked_at() -> None:
    deployed = workload("Deployment", DEPLOYED, replicas=3)
    found = [pod("b"), pod("a"), pod("old", OLD), pod("leaves", leaving=True), pod("other", labels={"app": "x"})]
    assert [each["metadata"]["name"] for each in updated(deployed, found, WANTED)] == ["a", "b"]


@pytest.mark.parametrize("init", [False, True])
def test_a_container_that_cannot_pull_is_stranded_and_the_registrys_words_are_kept(init: bool) -> None:
    words = "ghcr.io/acme/nginx: 403 Forbidden"
    message = f'Back-off pulling image "x": ErrImagePull: rpc error: code = Unknown desc = {words}'
    (found,) = stranded([pod(waiting=("ImagePullBackOff", message), init=init), pod("fine")])
    assert str(found) == f"Pod web-1 on node-1: container web: ImagePullBackOff: {words}"


PARSER = "unable to parse auth field, must be formatted as base64(username:password)"


@pytest.mark.parametrize("reason", ["InvalidImageName", "CreateContainerConfigError", PARSER])
def test_any_reason_that_nobody_knows_to_pass_is_stranding(reason: str) -> None:
    """One malformed entry in any pull Secret of a Pod: the kubelet pulls nothing, its reason is the parser's words."""
    (found,) = stranded([pod(waiting=(reason, reason))])
    assert str(found) == f"Pod web-1 on node-1: container web: {reason}"


def test_a_container_that_ends_again_and_again_has_pulled() -> None:
    found = [pod(waiting=("CrashLoopBackOff", "back-off 10s restarting failed container")), pod("fine")]
    assert stranded(found) == []
    assert [each.reason for each in crashing(found)] == ["CrashLoopBackOff"]


@pytest.mark.parametrize("reason", ["ContainerCreating", "PodInitializing", "CrashLoopBackOff"])
def test_a_container_that_waits_for_something_else_is_not(reason: str) -> None:
    assert stranded([pod(waiting=(reason, "soon"))]) == []


@pytest.mark.parametrize(
    ("message", "left"),
    [
        ("", ""),
        ("desc = ", "desc ="),
        ("plain", "plain"),
        ("rpc error: code = X desc = a\n desc = b", "b"),
        ('secret "x" not found', 'secret "x" not found'),
    ],
)
def test_what_is_left_of_a_message(message: str, left: str) -> None:
    assert cause(message) == left


PULL = {"reason": "Failed", "message": 'Failed to pull image "x": denied'}
RACE = {"reason": "FailedToRetrieveImagePullSecret", "message": "Unable to retrieve some image pull secrets"}
BACK_OFF = {"reason": "Failed", "message": "Error: ImagePullBackOff", "count": 7}


def of(container: str, event: dict[str, Any]) -> dict[str, Any]:
    """The event of one container of a Pod."""
    return {**event, "involvedObject": {"name": "web-1", "fieldPath": f"spec.containers{{{container}}}"}}


@pytest.mark.parametrize(
    ("events", "told"),
    [
        ([], True),  # the kubelet has not said yet why
        ([RACE, PULL], True),
        ([RACE, PULL, BACK_OFF], True),
        ([RACE, of("web", PULL), of("sidecar", PULL)], True),  # each container pulled once
        ([PULL], False),
        ([of("web", PULL), of("sidecar", PULL)], False),
        ([RACE, PULL, PULL], False),
        ([RACE, of("web", PULL), of("sidecar", PULL), of("web", PULL)], False),
        ([RACE, {**PULL, "count": 2}], False),
        ([RACE, {**PULL, "series": {"count": 3}}], False),
    ],
)
def test_exactly_the_first_failure_without_the_secret_is_forgiven(events: list[dict[str, Any]], told: bool) -> None:
    assert forgiven(events) is told


def test_what_could_not_start_is_counted_once_for_each_try() -> None:
    words = {"reason": "Failed", "message": f"Error: {PARSER}", "count": 2}
    assert failures([PULL, BACK_OFF, {"reason": "Failed", "message": "Error: ErrImagePull"}, RACE, words]) == 3


@pytest.mark.parametrize(
    ("selector", "selected"),
    [
        ({}, False),
        ({"app": "web"}, True),
        ({"app": "x"}, False),
        ({"matchLabels": {"app": "web"}}, True),
        ({"matchLabels": {"app": "x"}}, False),
        ({"matchExpressions": [{"key": "app", "operator": "In", "values": ["web"]}]}, True),
        ({"matchExpressions": [{"key": "app", "operator": "NotIn", "values": ["web"]}]}, False),
        ({"matchExpressions": [{"key": "app", "operator": "Exists"}]}, True),
        ({"matchExpressions": [{"key": "app", "operator": "DoesNotExist"}]}, False),
        ({"matchLabels": {"app": "web"}, "matchExpressions": [{"key": "b", "operator": "Exists"}]}, False),
    ],
)
def test_a_selector_selects(selector: dict[str, Any], selected: bool) -> None:
    assert selects(selector, {"app": "web", "tier": "front"}) is selected


def test_images_of_a_patch_are_those_that_it_has() -> None:
    spec = {
        "initContainers": [{"name": "i", "image": "a"}],
        "containers": [{"name": "first"}, {"name": "c", "image": "b"}],
    }
    document = {"apiVersion": "apps/v1", "kind": "Deployment", "spec": {"template": {"spec": spec}}}
    assert images_of(document) == {"i": "a", "c": "b"}
