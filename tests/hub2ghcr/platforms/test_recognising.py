"""Facts of clusters and files, each with the platform that it tells of."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from hub2ghcr.mapping import Mapping
from hub2ghcr.platforms.platform import APPLIES, platform
from hub2ghcr.platforms.recognising import of_cluster, of_file, of_image, of_node, of_place
from hub2ghcr.scanning import scan

ROOT = Path(__file__).parents[3]


def node(name: str = "a", *, labels: str = "", provider: str = "", **info: str) -> dict[str, Any]:
    said = dict(each.split("=") for each in labels.split())
    return {"metadata": {"name": name, "labels": said}, "spec": {"providerID": provider}, "status": {"nodeInfo": info}}


NODES = {
    # as `kubectl get node -o yaml` shows them, but for what tells nothing
    "old containerd": (node(kubeletVersion="v1.34.4", containerRuntimeVersion="containerd://1.6.20"), "containerd 1.x"),
    "new containerd": (node(kubeletVersion="v1.35.2", containerRuntimeVersion="containerd://2.1.6"), "containerd 2.x"),
    "k3s": (
        node(
            kubeletVersion="v1.29.1+k3s2",
            containerRuntimeVersion="containerd://1.7.11-k3s2",
            provider="k3s://a",
            labels="node.kubernetes.io/instance-type=k3s",
        ),
        "containerd 1.x, k3s",
    ),
    "k3s with the provider of a cloud": (
        node(kubeletVersion="v1.33.4+k3s1", containerRuntimeVersion="containerd://2.0.5-k3s2", provider="aws:///a/i-1"),
        "containerd 2.x, k3s",
    ),
    "RKE2": (
        node(
            kubeletVersion="v1.28.8+rke2r1",
            containerRuntimeVersion="containerd://1.7.11-k3s2",
            provider="rke2://a",
            labels="node.kubernetes.io/instance-type=rke2",
        ),
        "containerd 1.x, RKE2",
    ),
    "MicroK8s": (
        node(
            kubeletVersion="v1.32.3",
            containerRuntimeVersion="containerd://1.6.36",
            labels="microk8s.io/cluster=true node.kubernetes.io/microk8s-controlplane=microk8s-controlplane",
        ),
        "containerd 1.x, MicroK8s",
    ),
    "EKS": (
        node(
            kubeletVersion="v1.31.4-eks-2d5f260",
            containerRuntimeVersion="containerd://1.7.22",
            provider="aws:///us-east-1a/i-08736224042c4ee75",
            labels="eks.amazonaws.com/nodegroup=main eks.amazonaws.com/capacityType=ON_DEMAND",
        ),
        "containerd 1.x, EKS",
    ),
    "EKS on Fargate": (node(labels="eks.amazonaws.com/compute-type=fargate"), "EKS"),
    "a node of AWS that is none of EKS": (node(kubeletVersion="v1.31.4", provider="aws:///us-east-1a/i-1"), ""),
    "GKE": (
        node(
            kubeletVersion="v1.32.4-gke.1043002",
            containerRuntimeVersion="containerd://1.7.24",
            provider="gce://project/us-central1-a/gke-a-default-pool-1",
            labels="cloud.google.com/gke-nodepool=default-pool",
        ),
        "containerd 1.x, GKE",
    ),
    "AKS": (
        node(
            kubeletVersion="v1.31.7",
            containerRuntimeVersion="containerd://1.7.27-1",
            provider="azure:///subscriptions/0/resourceGroups/mc_a_a_westeurope/providers/Microsoft.Compute/vmss/a/0",
            labels="kubernetes.azure.com/cluster=MC_a_a_westeurope kubernetes.azure.com/agentpool=nodepool1",
        ),
        "containerd 1.x, AKS",
    ),
    "OpenShift": (
        node(
            kubeletVersion="v1.31.6",
            containerRuntimeVersion="cri-o://1.31.6-3.rhaos4.18.gite0b87e5.el9",
            labels="node.openshift.io/os_id=rhel",
        ),
        "OpenShift",
    ),
    "a node that never came up": ({"metadata": {"name": "a"}}, ""),
}


@pytest.mark.parametrize(("facts", "names"), NODES.values(), ids=NODES)
def test_a_node_tells_its_platform(facts: dict[str, Any], names: str) -> None:
    assert ", ".join(sorted(dict(of_node(facts)))) == ", ".join(sorted(filter(None, names.split(", "))))


@pytest.mark.parametrize(
    ("group", "name"),
    [
        ("config.openshift.io", "OpenShift"),
        ("management.cattle.io", "Rancher"),
        ("image.toolkit.fluxcd.io", "Flux image automation"),
        ("source.toolkit.fluxcd.io", "Flux"),
        ("argoproj.io", "Argo CD"),
        ("argocd-image-updater.argoproj.io", "Argo CD Image Updater"),
        ("example.org", ""),
    ],
)
def test_a_group_tells_its_platform(group: str, name: str) -> None:
    assert [each.name for each in of_cluster([], ["apps", group])] == [name] * bool(name)


def test_a_cluster_tells_each_platform_once_with_its_evidence() -> None:
    nodes = [NODES["MicroK8s"][0], {**NODES["MicroK8s"][0], "metadata": {"name": "b", "labels": {}}}]
    namespaces = [{"metadata": {"name": "shop", "annotations": {"field.cattle.io/projectId": "c-1:p-1"}}}, {}]
    assert [str(each) for each in of_cluster(nodes, ["image.toolkit.fluxcd.io"], namespaces)] == [
        "containerd 1.x: mirrors are hosts.toml files below the config_path of plugin io.containerd.grpc.v1.cri "
        "(docs/platforms/containerd.md); by Node a: containerRuntimeVersion containerd://1.6.36, and 1 more",
        "Flux image automation: its ImageRepositories must name ghcr.io; what it writes is not pinned "
        "(docs/platforms/updaters.md); by API group image.toolkit.fluxcd.io",
        "MicroK8s: its containerd reads args/certs.d; images may be local, or of its own registry "
        "(docs/platforms/microk8s.md); by Node a: label microk8s.io/cluster",
        "Rancher: registry credentials belong to projects, and are copied to their namespaces "
        "(docs/platforms/rancher.md); by annotation field.cattle.io/projectId of Namespace shop",
    ]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("gcr.io/kaniko-project/executor:v1.24.0-debug", "kaniko"),
        ("ghcr.io/osscontainertools/kaniko:v1.25.3", "kaniko"),
        ("acme/kaniko-executor@sha256:0", "kaniko"),
        ("acme/not-kaniko:1", None),
        ("localhost:32000/shop:1", "MicroK8s"),
        ("127.0.0.1:32000/shop:1", "MicroK8s"),
        ("localhost:5000/shop:1", None),
    ],
)
def test_an_image_tells_its_platform(text: str, name: str | None) -> None:
    assert of_image(text) == name


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("apiVersion: argoproj.io/v1alpha1\nkind: Application\n", ["Argo CD 1"]),
        ("kind: Application\napiVersion: argoproj.io/v1alpha1\n---\nkind: Rollout\n", ["Argo CD 2"]),
        ('{"apiVersion": "argoproj.io/v1alpha1", "kind": "ApplicationSet"}', ["Argo CD 1"]),
        ("apiVersion: argoproj.io/v1alpha1\nkind: Rollout\n---\nkind: Application\n", []),
        ("a: 1\n---\napiVersion: image.toolkit.fluxcd.io/v1\nkind: ImagePolicy\n", ["Flux image automation 3"]),
        ('image: a:1 # {"$imagepolicy": "a:b"}\n', ["Flux image automation 1"]),
        ("apiVersion: apps.openshift.io/v1\nkind: DeploymentConfig\n", ["OpenShift 1"]),
        ("items:\n- apiVersion: 'route.openshift.io/v1'\n", ["OpenShift 2"]),
        ("metadata:\n  annotations:\n    field.cattle.io/projectId: c-1:p-1\n", ["Rancher 3"]),
        ("    argocd-image-updater.argoproj.io/image-list: acme/shop\n", ["Argo CD Image Updater 1"]),
        ("apiVersion: argocd-image-updater.argoproj.io/v1alpha1\nkind: ImageUpdater", ["Argo CD Image Updater 1"]),
        ("# apiVersion: route.openshift.io/v1\ntext: see config.openshift.io\n", []),
        ("# field.cattle.io/projectId: a\n", []),
        ("keys: [field.cattle.io/projectId]\n", []),
    ],
)
def test_a_file_tells_its_platforms(text: str, found: list[str]) -> None:
    assert [f"{name} {line}" for name, line in of_file(text.encode())] == found


def test_a_scan_collects_what_its_files_and_their_images_tell(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(
        "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n  - image: gcr.io/kaniko-project/executor:v1\n"
        "  - image: localhost:32000/shop:1\n---\napiVersion: route.openshift.io/v1\n"
        "kind: Route\n---\napiVersion: apps.openshift.io/v1\nkind: DeploymentConfig\n"
    )
    found = scan([str(tmp_path)], Mapping(())).platforms
    place = str(tmp_path / "a.yaml")
    assert [(each.name, each.evidence) for each in found] == [
        ("kaniko", f"{place}:5"),
        ("MicroK8s", f"{place}:6"),
        ("OpenShift", f"{place}:8, and 1 more"),
    ]


def test_what_applies_is_one_line_for_each() -> None:
    assert all("\n" not in str(platform(name, "x")) for name in APPLIES)


@pytest.mark.parametrize(
    ("place", "data", "known"),
    [
        ("renovate.json", b"{}", "Renovate"),
        ("a/.github/renovate.json5", b"{}", "Renovate"),
        (".github/dependabot.yml", b"- package-ecosystem: docker", "Dependabot"),
        ("a/.github/dependabot.yaml", b"- package-ecosystem: docker-compose", "Dependabot"),
        (".github/dependabot.yml", b"- package-ecosystem: npm", None),
        ("dependabot.yml", b"docker", None),
        ("package.json", b"{}", None),
    ],
)
def test_the_files_of_updaters_are_known_by_their_names(place: str, data: bytes, known: str | None) -> None:
    assert of_place(place, data) == known


def test_a_scan_names_the_updaters_of_a_tree(tmp_path: Path) -> None:
    (tmp_path / "renovate.json").write_text('{"extends": ["config:recommended"]}')
    found = scan([str(tmp_path)], Mapping(()))
    assert [(each.name, each.evidence) for each in found.platforms] == [("Renovate", f"{tmp_path}/renovate.json")]
