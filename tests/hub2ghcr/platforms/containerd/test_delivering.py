"""Having every node write, and taking back: what is refused, what is waited for, what can be repeated."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from hub2ghcr.errors import ClusterError, Problems
from hub2ghcr.platforms.containerd.daemonset import NAME, restoring, writing
from hub2ghcr.platforms.containerd.delivering import deliver, take_back
from tests.hub2ghcr.platforms.containerd.test_files import MIRROR, PUBLIC
from tests.hub2ghcr.pretended import Pretended

WANTED = replace(MIRROR, delivery="daemonset", image="busybox:1.36")
DOCUMENT, BACK = writing(WANTED, "prod"), restoring(WANTED, "prod")
KEY = ("apps/v1", "DaemonSet", "kube-system", NAME)
DONE = {"observedGeneration": 1, "desiredNumberScheduled": 2, "updatedNumberScheduled": 2, "numberReady": 2}


class Nodes(Pretended):
    """A cluster whose nodes do their work at once, as far as ``status`` says so; it keeps what it was told to do."""

    def __init__(self, *objects: Mapping[str, Any], status: Mapping[str, Any] = DONE, level: str = "") -> None:
        labels = {"pod-security.kubernetes.io/enforce": level} if level else {}
        space = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "kube-system", "labels": labels}}
        super().__init__(space, *objects)
        self.status, self.scripts = status, list[str]()

    def apply(self, document: Mapping[str, Any], **how: Any) -> dict[str, Any]:
        found = super().apply(document, **how)
        self.scripts.append(document["spec"]["template"]["spec"]["containers"][0]["command"][2])
        self.objects[KEY]["status"] = self.status
        self.objects[KEY]["metadata"]["generation"] = 1
        return {**found, "metadata": {**found["metadata"], "generation": 1}}


def pod(node: str, **status: Any) -> dict[str, Any]:
    labels = {"app.kubernetes.io/name": NAME}
    metadata = {"name": f"on-{node}", "namespace": "kube-system", "labels": labels}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": {"nodeName": node}, "status": status}


def test_every_node_writes_whatever_its_taints() -> None:
    nodes = Nodes()
    deliver(nodes, DOCUMENT, 5)
    (script,) = nodes.scripts
    assert "MODE=write" in script
    assert PUBLIC in script
    spec = nodes.objects[KEY]["spec"]["template"]["spec"]
    assert spec["tolerations"] == [{"operator": "Exists"}]
    assert spec["volumes"][0]["hostPath"]["path"] == "/etc/containerd/certs.d"
    assert "imagePullSecrets" not in spec
    assert "imagePullSecrets" in writing(replace(WANTED, pull_secret="pull"), "prod")["spec"]["template"]["spec"]


def test_nodes_restore_before_the_daemonset_goes() -> None:
    nodes = Nodes()
    deliver(nodes, DOCUMENT, 5)
    take_back(nodes, BACK, 5)
    assert "MODE=restore" in nodes.scripts[-1]
    assert nodes.written[-1] == f"delete DaemonSet/{NAME}"
    assert KEY not in nodes.objects


def test_a_daemonset_that_somebody_deleted_comes_back_to_restore() -> None:
    nodes = Nodes()
    take_back(nodes, BACK, 5)
    assert len(nodes.scripts) == 1
    assert KEY not in nodes.objects


def test_while_a_node_has_not_restored_the_daemonset_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    waiting = {"containerStatuses": [{"state": {"waiting": {"reason": "ErrImagePull", "message": "no such image"}}}]}
    ready = {"conditions": [{"type": "Ready", "status": "True"}]}
    pods = [pod("a", **waiting), pod("b", phase="Pending"), pod("c", **ready), pod("d")]
    nodes = Nodes(*pods, status={**DONE, "numberReady": 1})
    monkeypatch.setattr("hub2ghcr.platforms.containerd.delivering.PAUSE", 0.01)
    with pytest.raises(Problems) as caught:
        take_back(nodes, BACK, 0.05)
    assert [line.partition("node ")[2].partition(";")[0] for line in caught.value.lines] == [
        "a is not done: ErrImagePull no such image",
        "b is not done: Pending",
        "d is not done: unknown",
    ]
    assert KEY in nodes.objects


def test_a_pod_that_cannot_have_its_image_is_told_with_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    said = "rpc error: ghcr.io/acme/mirror/library/busybox:1.36: not found"
    waiting = {"containerStatuses": [{"state": {"waiting": {"reason": "ErrImagePull", "message": said}}}]}
    nodes = Nodes(pod("a", **waiting), status={**DONE, "numberReady": 1})
    monkeypatch.setattr("hub2ghcr.platforms.containerd.delivering.PAUSE", 0.01)
    with pytest.raises(Problems, match=r"busybox:1\.36: not found; the registry has no such image"):
        deliver(nodes, DOCUMENT, 0.05)


def test_nodes_without_a_machine_below_them_are_passed_over() -> None:
    """Fargate and virtual kubelets run no DaemonSet, and tolerating all taints would have it wait there for ever."""
    terms = DOCUMENT["spec"]["template"]["spec"]["affinity"]["nodeAffinity"]
    (term,) = terms["requiredDuringSchedulingIgnoredDuringExecution"]["nodeSelectorTerms"]
    assert term["matchExpressions"] == [
        {"key": "eks.amazonaws.com/compute-type", "operator": "NotIn", "values": ["fargate"]},
        {"key": "type", "operator": "NotIn", "values": ["virtual-kubelet"]},
    ]


@pytest.mark.parametrize("status", [{}, {**DONE, "observedGeneration": 0}, {**DONE, "updatedNumberScheduled": 1}])
def test_an_older_status_is_no_answer(status: Mapping[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hub2ghcr.platforms.containerd.delivering.PAUSE", 0.01)
    with pytest.raises(Problems, match=r"not done within 0 s; run again"):
        deliver(Nodes(status=status), DOCUMENT, 0.03)


def test_a_cluster_without_nodes_is_done() -> None:
    deliver(Nodes(status={"observedGeneration": 1}), DOCUMENT, 5)


def test_one_stack_writes_on_the_nodes_of_a_cluster() -> None:
    nodes = Nodes(writing(WANTED, "other"))
    with pytest.raises(ClusterError, match=r"is another stack's: 'other'; one stack writes"):
        deliver(nodes, DOCUMENT, 5)
    assert nodes.written == []


def test_a_namespace_that_lets_no_such_pod_in_is_told() -> None:
    with pytest.raises(ClusterError, match="its namespace enforces baseline; set the label"):
        deliver(Nodes(level="baseline"), DOCUMENT, 5)
    with pytest.raises(ClusterError, match="its namespace does not exist"):
        deliver(Pretended(), DOCUMENT, 5)
