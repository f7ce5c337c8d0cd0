from __future__ import annotations

from typing import Any

import pytest

from hub2ghcr import owning

KUBECTL = ("kubectl", "kubectl-client-side-apply")
IMAGE: tuple[str | tuple[str, str], ...] = ("spec", "template", "spec", "containers", ("name", "web"), "image")


def deployment(
    labels: dict[str, str] | None = None,
    annotations: dict[str, str] | None = None,
    managers: tuple[str, ...] = (),
    **metadata: Any,
) -> dict[str, Any]:
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {
            "name": "web",
            "namespace": "shop",
            "labels": labels or {},
            "annotations": annotations or {},
            "managedFields": [managed(each) for each in managers],
            **metadata,
        },
    }


def managed(manager: str, fields: Any = None, **more: str) -> dict[str, Any]:
    tree: Any = {"f:spec": {"f:template": {"f:spec": {"f:containers": {'k:{"name":"web"}': {".": {}, "f:image": {}}}}}}}
    return {"manager": manager, "operation": "Update", "fieldsV1": tree if fields is None else fields, **more}


HELM = {"meta.helm.sh/release-name": "shop", "meta.helm.sh/release-namespace": "prod"}
FLUX_HELM = {"helm.toolkit.fluxcd.io/name": "shop", "helm.toolkit.fluxcd.io/namespace": "flux"}
CONTROLLER = {"apiVersion": "kafka.strimzi.io/v1", "kind": "Kafka", "name": "log", "controller": True}


@pytest.mark.parametrize(
    ("obj", "owner"),
    [
        (deployment(), ""),
        (deployment(managers=("kubectl-edit",)), ""),
        (deployment(annotations=HELM), "Helm release prod/shop"),
        # a chart's own labels mark nothing: Argo CD applies them without Helm
        (deployment({"app.kubernetes.io/managed-by": "Helm", "helm.sh/chart": "shop-1.0"}), ""),
        (deployment(FLUX_HELM, HELM), "Flux HelmRelease flux/shop"),
        (deployment({"kustomize.toolkit.fluxcd.io/name": "apps"}), "Flux Kustomization apps"),
        (deployment({"argocd.argoproj.io/instance": "shop"}), "Argo CD application shop"),
        (
            deployment(annotations={"argocd.argoproj.io/tracking-id": "shop:apps/Deployment:shop/web"}),
            "Argo CD application shop",
        ),
        (
            deployment(annotations={"argocd.argoproj.io/tracking-id": "team_shop:apps/Deployment:shop/web"}),
            "Argo CD application team/shop",
        ),
        # copied from a tracked object: the mark is the other's
        (deployment(annotations={"argocd.argoproj.io/tracking-id": "shop:apps/Deployment:shop/other"}), ""),
        (deployment({"app.kubernetes.io/instance": "shop"}), ""),
        (
            deployment({"app.kubernetes.io/instance": "shop"}, managers=("argocd-controller",)),
            "Argo CD application shop",
        ),
        (deployment(ownerReferences=[CONTROLLER]), "Kafka log"),
        (deployment(ownerReferences=[{**CONTROLLER, "controller": False}]), ""),
        (deployment({"kapp.k14s.io/app": "1234"}), "kapp application 1234"),
        (deployment({"olm.owner": "etcd.v1"}), "operator bundle etcd.v1"),
        (deployment({"addonmanager.kubernetes.io/mode": "Reconcile"}), "cluster add-on"),
        (deployment({"app.kubernetes.io/managed-by": "pulumi"}), "Pulumi program"),
        (deployment(managers=("pulumi-kubernetes-1a2b",)), "Pulumi program"),
        # ours, by the provider that Pulumi has for clusters
        (deployment({"app.kubernetes.io/managed-by": "pulumi"}, managers=("hub2ghcr-demo",)), ""),
    ],
)
def test_an_owner_is_told_by_its_marks(obj: dict[str, Any], owner: str) -> None:
    assert owning.owner(obj) == owner


ATOMIC: Any = {"f:spec": {"f:template": {}}}
OTHER: Any = {"f:spec": {"f:template": {"f:spec": {"f:containers": {'k:{"name":"other"}': {"f:image": {}}}}}}}


@pytest.mark.parametrize(
    ("entries", "managers"),
    [
        ([], ()),
        ([managed("kubectl")], ("kubectl",)),
        ([managed("kubectl"), managed("helm")], ("helm", "kubectl")),
        ([managed("kubectl", OTHER)], ()),
        ([managed("whole", ATOMIC)], ("whole",)),
        ([managed("scaler", {"f:spec": {"f:replicas": {}}})], ()),
        ([managed("kubelet", subresource="status")], ()),
        ([{"manager": "odd"}], ()),
    ],
)
def test_a_field_is_managed_by_who_has_it_or_what_it_stands_in(
    entries: list[dict[str, Any]], managers: tuple[str, ...]
) -> None:
    obj = deployment()
    obj["metadata"]["managedFields"] = entries
    assert owning.managers(obj, IMAGE) == managers


@pytest.mark.parametrize(
    ("owner", "managers", "take_from", "what"),
    [
        ("", (), KUBECTL, None),
        ("", ("kubectl",), KUBECTL, None),
        ("", ("hub2ghcr", "kubectl"), KUBECTL, None),
        ("", ("hub2ghcr",), (), None),
        ("", ("kubectl",), (), "its image is managed by kubectl"),
        ("", ("some-operator", "kubectl"), KUBECTL, "its image is managed by some-operator"),
        ("", ("some-operator",), (*KUBECTL, "some-*"), None),
        ("Helm release prod/shop", ("helm",), KUBECTL, "belongs to Helm release prod/shop"),
        # somebody edited it by hand: the next upgrade would bring the old image back
        ("Helm release prod/shop", ("kubectl",), KUBECTL, "belongs to Helm release prod/shop"),
        ("Helm release prod/shop", ("helm",), (*KUBECTL, "helm"), None),
        ("Helm release prod/shop", ("helm", "x"), ("helm",), "its image is managed by x"),
        ("Argo CD application shop", ("argocd-controller",), ("argocd-controller",), None),
        ("Argo CD application shop", ("argocd-controller",), ("helm",), "belongs to Argo CD application shop"),
        ("Kafka log", ("strimzi",), ("strimzi",), "belongs to Kafka log, which would change it back"),
    ],
)
def test_a_refusal_names_the_owner_unless_its_manager_may_be_taken_from(
    owner: str, managers: tuple[str, ...], take_from: tuple[str, ...], what: str | None
) -> None:
    found = owning.refusal(owner, managers, take_from)
    assert (found.what if found else None) == what


def test_a_remedy_says_where_the_image_is_changed() -> None:
    found = owning.refusal("Helm release prod/shop", ("helm",), KUBECTL)
    assert found is not None
    assert found.remedy == "change the image in the release's values, or name its manager in `takeFrom`: helm"
    found = owning.refusal("Kafka log", (), KUBECTL)
    assert found is not None and found.remedy == "change the image in Kafka log"


def test_a_document_says_which_stack_switches_its_object_and_says_the_rest_as_before() -> None:
    document = {
        "kind": "Deployment",
        "metadata": {"name": "web", "annotations": {"team": "shop"}},
        "spec": {"replicas": 1},
    }
    found = owning.signed(document, "prod")
    assert found == {
        "kind": "Deployment",
        "metadata": {"name": "web", "annotations": {"team": "shop", "hub2ghcr/stack": "prod"}},
        "spec": {"replicas": 1},
    }
    assert (owning.stack_of(found), owning.stack_of(document), owning.stack_of({})) == ("prod", "", "")
