from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from components.expected_objects import ExpectedObjects, ExpectedObjectsProvider
from hub2ghcr.plan import Cluster, CredentialRef, ImageChange, Kubeconfig, Namespace, PullSecret, Workload
from tests.components.recording import declared, only
from tests.hub2ghcr.answering import answering

NEW = "ghcr.io/acme/nginx:1.27@sha256:" + "a" * 64
DOCUMENT = {
    "apiVersion": "apps/v1",
    "kind": "Deployment",
    "metadata": {"name": "web", "namespace": "shop"},
    "spec": {"template": {"spec": {"containers": [{"name": "web", "image": NEW}]}}},
}
WEB = Workload(
    "apps/v1", "Deployment", "shop", "web", "patch", DOCUMENT, (ImageChange("image", "nginx:1.27", NEW, ""),), ()
)
PULL = PullSecret("ours", {"ghcr.io": CredentialRef("pull", "robot", "pullToken")})
SHOP = Namespace("shop", False, PULL, (WEB,), service_accounts=("default",))
SMOKE = Namespace(
    "smoke", True, None, (Workload("v1", "Pod", "smoke", "one", "own", {}, (), ()),), service_accounts=("default",)
)


def props(*namespaces: Namespace, **changes: Any) -> dict[str, Any]:
    cluster = Cluster("demo", Kubeconfig("/kube/config", "x"), namespaces, take_from=("kubectl*",), **changes)

    def declare() -> None:
        ExpectedObjects("demo", cluster=cluster, manager="hub2ghcr-test")

    return only(declared(declare), "pulumi-python:dynamic/hub2ghcr:ExpectedObjects").inputs


def test_everything_that_a_run_touches_is_expected() -> None:
    expected = json.loads(props(SHOP, SMOKE)["expected"])
    found = {(each["kind"], each["namespace"], each["name"]): each for each in expected["objects"]}
    assert {key: each["state"] for key, each in found.items()} == {
        ("Namespace", "", "shop"): "there",
        ("Secret", "shop", "ours"): "absent",
        ("ServiceAccount", "shop", "default"): "there",
        ("Deployment", "shop", "web"): "patched",
        ("Namespace", "", "smoke"): "absent",
        ("Pod", "smoke", "one"): "absent",
    }
    assert found["Deployment", "shop", "web"]["was"] == {NEW: ["nginx:1.27"]}
    assert found["Deployment", "shop", "web"]["document"] == DOCUMENT
    assert (expected["manager"], expected["takeFrom"]) == ("hub2ghcr-test", ["kubectl*"])


def test_what_cannot_be_changed_once_it_exists_is_looked_at_whether_it_is_declared_or_waits_for_the_cutover() -> None:
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "one"}, "spec": {"containers": [{"name": "a"}]}}

    def states(**of: Any) -> list[str]:
        found = Workload("v1", "Pod", "smoke", "one", "own", pod, (), (), **of)
        waiting = () if found.switched else (found,)
        expected = json.loads(
            props(Namespace("smoke", False, None, (found,) if found.switched else (), waiting=waiting))["expected"]
        )
        pods = [each for each in expected["objects"] if each["kind"] == "Pod"]
        assert all((each["document"] is None) is (each["state"] == "absent") for each in pods)
        return [each["state"] for each in pods]

    assert states(was=("nginx",)) == ["fixed"]
    assert states(was=("nginx",), switched=False) == ["fixed"]
    assert states(was=("nginx",), recreate=True) == ["remade"]
    assert states() == ["absent"]


@pytest.mark.parametrize(("change", "changes"), [({}, False), ({"reach": {}}, False), ({"expected": "x"}, True)])
def test_what_is_expected_is_compared_and_how_the_cluster_is_reached_is_not(
    change: dict[str, Any], changes: bool
) -> None:
    kept = {"cluster": "a", "reach": {"kubeconfig": "k", "context": "c"}, "expected": "sha256:1", "__provider": "p"}
    assert ExpectedObjectsProvider().diff("id", kept, {**kept, **change}).changes is changes


def test_a_proof_reports_all_at_once_and_keeps_a_digest_instead_of_documents(tmp_path: Path) -> None:
    api = {
        "/api/v1": {
            "resources": [
                {"name": "namespaces", "kind": "Namespace", "namespaced": False},
                {"name": "secrets", "kind": "Secret", "namespaced": True},
                {"name": "serviceaccounts", "kind": "ServiceAccount", "namespaced": True},
            ]
        },
        "/apis/apps/v1": {"resources": [{"name": "deployments", "kind": "Deployment", "namespaced": True}]},
        "/api/v1/namespaces/shop": {"metadata": {"name": "shop"}},
    }
    with answering(api) as server:
        config = {
            "clusters": [{"name": "c", "cluster": {"server": server.url}}],
            "contexts": [{"name": "x", "context": {"cluster": "c"}}],
        }
        (tmp_path / "kubeconfig").write_text(json.dumps(config))
        news = {**props(SHOP), "reach": {"kubeconfig": str(tmp_path / "kubeconfig"), "context": "x"}}
        found = ExpectedObjectsProvider().check({}, dict(news))
    assert [each.reason for each in found.failures] == [
        "cluster demo: Deployment shop/web: does not exist, and a patch would create it; apply it first, or set "
        "`delivery: own`",
        "cluster demo: ServiceAccount shop/default: does not exist; create it, or take it out of `serviceAccounts`",
    ]
    assert found.inputs["expected"].startswith("sha256:")
    assert set(found.inputs) == {"cluster", "reach", "expected"}
