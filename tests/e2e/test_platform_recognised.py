"""``doctor`` says of a real cluster what its nodes are, ``scan`` of a tree which platforms it is for."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from lab import cluster
from lab.kubectl import kubectl
from tests.e2e import stack as stacks
from tests.e2e.conftest import Lab
from tests.e2e.stack import EXISTING, Stack

pytestmark = pytest.mark.e2e

PAIRS = Path(__file__).parents[1] / "hub2ghcr" / "places" / "before" / "updaters"
OTHERS = {
    "other-eks": ("v1.31.4-eks-2d5f260", "containerd://1.7.22", "eks.amazonaws.com/nodegroup"),
    "other-k3s": ("v1.29.1+k3s2", "containerd://2.0.5-k3s2", "node.kubernetes.io/instance-type"),
    "other-openshift": ("v1.31.6", "cri-o://1.31.6-3.rhaos4.18", "node.openshift.io/os_id"),
}
"""Nodes of other platforms, as their kubelets write them: nothing runs on them here."""


@pytest.fixture(scope="module")
def stack(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A stack of the lab's cluster."""
    kubectl(lab.env, "create", "namespace", EXISTING)
    made = stacks.create(lab, tmp_path_factory.mktemp("recognised"))
    yield made
    made.pulumi("stack", "rm", "--yes", "--force")
    kubectl(lab.env, "delete", "namespace", EXISTING, "--ignore-not-found", "--wait=false")


@pytest.fixture
def others(lab: Lab, tmp_path: Path) -> Iterator[None]:
    """The cluster has nodes of other platforms, too, on which no Pod is put."""
    for name, (version, runtime, label) in OTHERS.items():
        info = dict.fromkeys(("machineID", "systemUUID", "bootID", "kernelVersion", "osImage", "kubeProxyVersion"), "")
        info |= {"operatingSystem": "linux", "architecture": "amd64"}
        node = {
            "apiVersion": "v1",
            "kind": "Node",
            "metadata": {"name": name, "labels": {label: "some"}},
            "spec": {"unschedulable": True},
        }
        (tmp_path / name).write_text(yaml.safe_dump(node))
        kubectl(lab.env, "create", "-f", str(tmp_path / name))
        status = {"status": {"nodeInfo": {**info, "kubeletVersion": version, "containerRuntimeVersion": runtime}}}
        kubectl(
            lab.env, "patch", "node", name, "--subresource=status", "--type=merge", "-p", json.dumps(status)
        )  # as a kubelet does
    yield
    for name in OTHERS:
        kubectl(lab.env, "delete", "node", name, "--ignore-not-found", "--wait=false")


def platforms(stack: Stack) -> dict[str, str]:
    done = stack.lab.run(
        "hub2ghcr", "doctor", "-s", stacks.NAME, "--output", "json", cwd=stack.folder, timeout=120.0, **stack.env
    )
    found = [each for each in json.loads(done.stdout)["findings"] if each["area"] == "platform"]
    assert {(each["state"], each["name"]) for each in found} <= {("ok", "lab")}
    return {each["text"].partition(": ")[0]: each["text"] for each in found}


@pytest.mark.slow
def test_a_node_that_pulls_is_told_by_its_runtime_and_those_of_others_by_theirs(stack: Stack, others: None) -> None:
    found = platforms(stack)
    assert {"EKS", "OpenShift"} <= found.keys()
    assert found["EKS"].endswith("by Node other-eks: label eks.amazonaws.com/nodegroup")
    if cluster.pulls(stack.lab.state):  # kwok writes into every node what it runs
        assert {"containerd 1.x", "containerd 2.x", "k3s"} <= found.keys()
        assert found["k3s"].endswith("by Node other-k3s: kubeletVersion v1.29.1+k3s2")


@pytest.mark.slow
def test_without_them_the_cluster_is_a_plain_one(stack: Stack) -> None:
    # of its nodes: definitions and namespaces that other tests leave are signs, too
    by_node = [each for each in platforms(stack).values() if "by Node " in each]
    if not cluster.pulls(stack.lab.state):
        assert by_node == []
        return
    (node,) = json.loads(kubectl(stack.lab.env, "get", "nodes", "-o", "json"))["items"]
    runtime = node["status"]["nodeInfo"]["containerRuntimeVersion"]
    (text,) = by_node
    assert text.startswith(f"containerd {runtime.removeprefix('containerd://')[0]}.x: mirrors are hosts.toml files")
    assert runtime in text


def test_a_tree_of_all_of_them_is_told_and_rewritten_as_one(lab: Lab, tmp_path: Path) -> None:
    shutil.copytree(PAIRS, tmp_path, dirs_exist_ok=True)
    (tmp_path / "build.yaml").write_text(
        "apiVersion: v1\nkind: Pod\nmetadata:\n  name: build\n  annotations: {field.cattle.io/projectId: 'c-1:p-1'}\n"
        "spec:\n  containers:\n  - {name: a, image: 'gcr.io/kaniko-project/executor:v1.24.0'}\n"
        "  - {name: b, image: 'localhost:32000/shop:1'}\n---\napiVersion: route.openshift.io/v1\nkind: Route\n"
        "metadata: {name: a}\n"
    )
    to = ("--map", "docker.io/*=ghcr.io/acme/*")
    done = lab.run("hub2ghcr", "scan", ".", *to, "--output", "json", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert [each["name"] for each in json.loads(done.stdout)["platforms"]] == [
        "Argo CD",
        "Argo CD Image Updater",
        "Flux",
        "Flux image automation",
        "kaniko",
        "MicroK8s",
        "OpenShift",
        "Rancher",
        "Renovate",
    ]
    table = lab.run("hub2ghcr", "scan", ".", *to, cwd=tmp_path).stdout
    assert "\nPlatforms\n" in table and "(docs/platforms/kaniko.md); by build.yaml:8" in table
    written = lab.run("hub2ghcr", "rewrite", ".", *to, "--in-place", cwd=tmp_path)
    after = PAIRS.parents[1] / "after" / "updaters"
    assert {each.name: each.read_text() for each in after.iterdir()} == {
        each.name: (tmp_path / each.name).read_text() for each in after.iterdir()
    }, written.stderr
