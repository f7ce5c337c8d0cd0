from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from components import cluster_access, drift
from components.expected_objects import ExpectedObjects, ExpectedObjectsProvider
from hub2ghcr.errors import ClusterError
from hub2ghcr.expected import Expectations
from hub2ghcr.plan import (
    Cluster,
    CredentialRef,
    Guard,
    ImageChange,
    Kubeconfig,
    Namespace,
    Phase,
    Pull,
    PullSecret,
    Workload,
)
from tests.components.recording import declared, only
from tests.hub2ghcr.answering import answering

TARGET, DIGEST = "ghcr.io/acme/nginx:1.27", "sha256:" + "a" * 64
NEW = f"{TARGET}@{DIGEST}"
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
    assert expected == json.loads(Expectations.of(props(SHOP, SMOKE)["expected"]).text)
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
    assert (expected["manager"], expected["take_from"]) == ("hub2ghcr-test", ["kubectl*"])


@pytest.mark.parametrize(("phase", "images"), [("prepare", []), ("cutover", [TARGET]), ("seal", [TARGET])])
def test_a_pull_secret_has_to_open_what_is_private_and_switched(phase: Phase, images: list[str]) -> None:
    pulls = (Pull(TARGET, DIGEST, ("linux/amd64",)), Pull("ghcr.io/acme/open:1", DIGEST, (), public=True))
    expected = Expectations.of(props(replace(SHOP, phase=phase, pulls=pulls), SMOKE)["expected"])
    (grant,) = expected.grants
    assert (grant.namespace, grant.secret, grant.credentials) == ("shop", "ours", {"ghcr.io": "pull"})
    assert [each.target for each in grant.images] == images


@pytest.mark.parametrize(
    ("phase", "platforms", "expects"),
    [
        ("prepare", (), False),
        ("cutover", (), True),
        ("seal", (), True),
        ("cutover", ("linux/amd64",), False),
    ],
)
def test_images_are_held_against_the_nodes_where_the_plan_does_not_know_them(
    phase: Phase, platforms: tuple[str, ...], expects: bool
) -> None:
    pulls = (Pull(TARGET, DIGEST, ("linux/amd64",), True, ("linux/arm64",)),)
    found = props(replace(SHOP, phase=phase, pulls=pulls, pull_secret=None), SMOKE, platforms=platforms)["expected"]
    told = {
        name: [replace(each, platforms=tuple(each.platforms), without=tuple(each.without)) for each in pulled]
        for name, pulled in Expectations.of(found).pulls.items()
    }
    assert told == ({"shop": [*pulls]} if expects else {})


def test_the_guard_is_expected_to_be_possible() -> None:
    guard = Guard("g", ("a",), ("b",), ("docker.io/library/*",))
    expected = Expectations.of(props(SHOP, guard=guard)["expected"])
    assert expected.guard and [*expected.guard.deny, *expected.guard.exceptions] == ["b", "docker.io/library/*"]
    assert Expectations.of(props(SHOP)["expected"]).guard is None


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
    assert set(found.inputs) == {"cluster", "reach", "expected", "secrets"}
    assert found.inputs["secrets"] == ["shop/ours"]


@pytest.fixture(autouse=True)
def strict() -> Iterator[None]:
    yield
    drift.excuse("demo", False)


@pytest.mark.parametrize(("dry_run", "inventoried", "foreseen"), [
    (True, True, True), (True, False, False), (False, True, False), (False, False, False),
])  # fmt: skip
def test_a_preview_asks_a_cluster_that_no_inventory_describes_and_every_other_run_asks_all(
    monkeypatch: pytest.MonkeyPatch, dry_run: bool, inventoried: bool, foreseen: bool
) -> None:
    monkeypatch.setattr("pulumi.runtime.is_dry_run", lambda: dry_run)
    assert props(SHOP, inventoried=inventoried)["foreseen"] is foreseen


def test_what_is_foreseen_asks_no_cluster_and_nobody_is_told_of_it_afterwards() -> None:
    """The control: the same without a preview fails, since there is no such cluster."""
    news = {**props(SHOP), "reach": {"kubeconfig": "/no/such/file", "context": "x"}}
    found = ExpectedObjectsProvider().check({}, {**news, "foreseen": True})
    assert found.failures == []
    assert not drift.drifted(found.inputs, lambda: True), "no diff waits for it either"
    asked = ExpectedObjectsProvider().check({}, {**news, "foreseen": False})
    assert "cannot be read" in str(asked.failures[0].reason)
    assert asked.inputs == found.inputs
    assert drift.drifted(found.inputs, lambda: True)


class Secrets:
    """A cluster of some Secrets."""

    def __init__(self, *names: str) -> None:
        self.names = names

    def get(self, api_version: str, kind: str, namespace: str, name: str) -> dict[str, Any] | None:
        if self.names == ("silent",):
            raise ClusterError("is unreachable")
        return {} if f"{namespace}/{name}" in self.names else None


KEPT = {"cluster": "demo", "reach": {}, "expected": "sha256:1", "secrets": ["jobs/ours", "shop/ours"]}


@pytest.mark.parametrize(
    ("before", "there", "missing"),
    [
        ([], ("jobs/ours", "shop/ours"), []),
        ([], ("jobs/ours",), ["shop/ours"]),
        (["shop/ours"], ("jobs/ours",), ["shop/ours"]),
        (["shop/ours"], ("jobs/ours", "shop/ours"), []),
        ([], ("silent",), []),
    ],
)
def test_a_refresh_notes_which_pull_secrets_are_gone(
    monkeypatch: pytest.MonkeyPatch, before: list[str], there: tuple[str, ...], missing: list[str]
) -> None:
    monkeypatch.setattr(cluster_access, "cluster", lambda _: Secrets(*there))
    kept = {**KEPT, **({"missing": before} if before else {})}
    found = ExpectedObjectsProvider().read("demo", kept)
    assert found.outs and (found.outs.get("missing") or []) == missing
    assert (found.inputs is None) is (before == missing), "nothing new is no change"
    assert ExpectedObjectsProvider().diff("demo", found.outs, KEPT).changes is bool(missing or before)


@pytest.mark.parametrize(
    ("olds", "believed"),
    [
        ({}, set()),
        ({"secrets": ["jobs/ours", "shop/ours"]}, {"jobs/ours", "shop/ours"}),
        ({"secrets": ["jobs/ours", "shop/ours"], "missing": ["shop/ours"]}, {"jobs/ours"}),
    ],
)
def test_the_engine_takes_to_be_there_what_was_expected_and_no_refresh_missed(
    monkeypatch: pytest.MonkeyPatch, olds: dict[str, Any], believed: set[str]
) -> None:
    told: list[set[str]] = []
    monkeypatch.setattr(cluster_access, "cluster", lambda _: None)
    monkeypatch.setattr("hub2ghcr.expected.prove", lambda *_, **how: told.append(how["believed"]))
    ExpectedObjectsProvider().check(olds, props(SHOP))
    assert told == [believed]
