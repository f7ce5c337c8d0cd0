"""Projects of Rancher: what is declared for them, and what their provider writes, looks at and leaves."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import dill  # type: ignore[import-untyped]
import pytest

from components import cluster_access, expected_objects, provider_process, pull_check
from components.expected_objects import ExpectedObjectsProvider
from components.project_secret import ProjectSecretProvider
from components.pull_check import PullCheckProvider
from hub2ghcr.cluster import Cluster
from hub2ghcr.errors import ClusterError
from hub2ghcr.expected import Expectation, Expectations
from hub2ghcr.plan import CredentialRef, Kubeconfig, Namespace, PullSecret
from hub2ghcr.platforms.rancher import awaiting
from hub2ghcr.platforms.rancher.registries import ProjectSecret, Rancher
from tests.components.recording import Registered, only
from tests.components.test_access_providers import CHECK, Pulls
from tests.components.test_cluster_migration import OURS, PULL, PULLS, migrated, workload
from tests.hub2ghcr.platforms.rancher.pretending import (
    BACKING,
    ROBOT,
    SHOPS,
    Clustered,
    copy,
    namespace,
    project,
    secret,
    setting,
)

ID = str(SHOPS)
COPY = PullSecret("hub2ghcr-project", {"ghcr.io": CredentialRef("pull", "robot", "pullToken")}, project=ID)
PROPS: dict[str, Any] = {
    "cluster": "demo",
    "reach": {"kubeconfig": "/kube/config", "context": "x"},
    "management": {"kubeconfig": "/kube/rancher", "context": "y"},
    "project": ID,
    "name": "hub2ghcr-project",
    "backingNamespace": "",
    "credentials": {"ghcr.io": "pull"},
    "namespaces": ["shop"],
    "manager": "hub2ghcr-test",
    "__provider": "p",
}


def rancher(keep: bool = True, created: tuple[str, ...] = ()) -> Rancher:
    planned = ProjectSecret(SHOPS, COPY.name, {"ghcr.io": "pull"}, ("shop",), created, "", keep)
    return Rancher((planned,), Kubeconfig("/kube/rancher", "y"))


def shop(**more: Any) -> Namespace:
    return Namespace("shop", more.pop("create", False), COPY, (workload(),), pulls=PULLS, **more)


def declared(found: Rancher | None = None, *namespaces: Namespace) -> list[Registered]:
    return migrated(*(namespaces or (shop(),)), rancher=found or rancher())


def test_one_secret_for_the_project_and_none_in_its_namespace() -> None:
    found = declared()
    assert [each for each in found if each.type == "kubernetes:core/v1:Secret"] == []
    written = only(found, f"{OURS}ProjectSecret")
    assert (written.name, written.depends_on, written.retained) == ("demo/c-abc12/p-xyz34", ("demo",), True)
    assert written.inputs["credentials"] == {"ghcr.io": "pull"}
    assert written.inputs["management"] == {"kubeconfig": "/kube/rancher", "context": "y"}
    assert "the-secret-value" not in json.dumps(written.inputs)
    check = only(found, f"{OURS}PullCheck")
    assert "demo/c-abc12/p-xyz34" in check.depends_on
    assert check.inputs["project"] == ID


def test_before_the_switch_the_secret_goes_with_the_stack() -> None:
    assert only(declared(rancher(keep=False)), f"{OURS}ProjectSecret").retained is False


def test_serviceaccounts_list_the_project_s_secret_once_it_is_written() -> None:
    entry = only(declared(None, shop(service_accounts=("default",))), f"{OURS}ServiceAccountEntry")
    assert entry.inputs["secret"] == "hub2ghcr-project"
    assert "demo/c-abc12/p-xyz34" in entry.depends_on


def test_a_namespace_that_is_made_is_in_its_project_from_the_first() -> None:
    made = only(declared(rancher(created=("shop",)), shop(create=True)), "kubernetes:core/v1:Namespace")
    assert made.inputs["metadata"]["annotations"]["field.cattle.io/projectId"] == ID


def test_a_namespace_with_a_secret_of_its_own_has_it_beside_the_project_s() -> None:
    own = Namespace("own", False, PULL, (), pulls=PULLS)
    found = declared(None, shop(), own)
    assert only(found, "kubernetes:core/v1:Secret").name == "demo/own"


def test_the_proof_of_a_cluster_looks_at_projects_where_there_are_any() -> None:
    inputs = only(declared(), f"{OURS}ExpectedObjects").inputs
    assert json.loads(inputs["projects"])[0]["name"] == "hub2ghcr-project"
    assert inputs["management"] == {"kubeconfig": "/kube/rancher", "context": "y"}
    plain = only(migrated(Namespace("shop", False, PULL, (workload(),), pulls=PULLS)), f"{OURS}ExpectedObjects")
    assert not {"projects", "management"} & set(plain.inputs)


@pytest.fixture
def upstream(monkeypatch: pytest.MonkeyPatch) -> Iterator[Clustered]:
    found = Clustered(setting("v2.12.1"), project(backingNamespace=BACKING))
    monkeypatch.setattr(cluster_access, "management", lambda _: found)
    credentials = {"pull": {"username": "robot", "secretKey": "pullToken"}}
    provider_process.know({"hub2ghcr:credentials": json.dumps(credentials), "hub2ghcr:pullToken": ROBOT.secret})
    yield found
    provider_process.know({})


@pytest.fixture
def downstream(monkeypatch: pytest.MonkeyPatch) -> Clustered:
    found = Clustered(namespace("shop"), copy("shop"))
    monkeypatch.setattr(cluster_access, "cluster", lambda _: found)
    return found


def test_the_provider_is_kept_by_its_name_alone() -> None:
    assert len(dill.dumps(ProjectSecretProvider(), recurse=True)) < 110
    assert ProjectSecretProvider().serialize_as_secret_always is False


def test_the_secret_is_written_found_and_taken_away(upstream: Clustered, downstream: Clustered) -> None:
    provider = ProjectSecretProvider()
    kept = provider.create(dict(PROPS))
    assert kept.outs == {**PROPS, "version": "uid-1/1"}
    assert ROBOT.secret not in json.dumps(kept.outs)
    assert downstream.written == []
    assert provider.read("id", kept.outs).id == "id"
    assert provider.diff("id", kept.outs, {**PROPS}).changes is False
    provider.delete("id", PROPS)
    assert provider.read("id", kept.outs).id == ""
    assert provider.diff("id", kept.outs, {**PROPS}).changes is True


def test_a_new_token_and_a_lost_copy_are_seen(upstream: Clustered, downstream: Clustered) -> None:
    provider = ProjectSecretProvider()
    kept = provider.create(dict(PROPS)).outs or {}
    del downstream.objects["v1", "Secret", "shop", "hub2ghcr-project"]
    assert provider.diff("id", kept, PROPS).changes is True
    provider.update("id", kept, PROPS)
    (live,) = (each for key, each in upstream.objects.items() if key[1] == "Secret")
    assert "hub2ghcr/copy-again" in live["metadata"]["annotations"]
    downstream.objects["v1", "Secret", "shop", "hub2ghcr-project"] = copy("shop")
    assert provider.diff("id", kept, PROPS).changes is False
    provider_process.know({**provider_process.configuration(), "hub2ghcr:pullToken": "renewed"})
    assert provider.diff("id", kept, PROPS).changes is True


@pytest.mark.parametrize(
    ("key", "value", "replaced"),
    [("project", "c-abc12:p-2", True), ("name", "other", True), ("credentials", {}, False), ("namespaces", [], False)],
)
def test_another_place_is_another_secret(key: str, value: Any, replaced: bool) -> None:
    found = ProjectSecretProvider().diff("id", PROPS, {**PROPS, key: value})
    assert (found.changes, found.replaces) == (True, [key] if replaced else [])


def test_a_secret_that_went_with_its_project_is_no_work_to_take_away(
    upstream: Clustered, downstream: Clustered
) -> None:
    provider = ProjectSecretProvider()
    kept = provider.create(dict(PROPS)).outs or {}
    upstream.objects = {key: each for key, each in upstream.objects.items() if key[1] == "Setting"}
    provider.delete("id", kept)
    assert provider.read("id", kept).id == ""
    with pytest.raises(ClusterError, match="does not exist"):
        provider.diff("id", kept, {**PROPS})


def test_a_backing_namespace_that_is_named_later_does_not_take_away_what_was_written(
    upstream: Clustered, downstream: Clustered
) -> None:
    """As the engine replaces: in the order that the provider asks for."""
    provider = ProjectSecretProvider()
    kept = provider.create(dict(PROPS)).outs or {}
    named = {**PROPS, "backingNamespace": BACKING}
    found = provider.diff("id", kept, named)
    assert found.replaces == ["backingNamespace"]
    if found.delete_before_replace:
        provider.delete("id", kept)
    provider.create(dict(named))
    if not found.delete_before_replace:
        provider.delete("id", kept)
    assert provider.diff("id", {**named, "version": None}, named).changes is False


def test_a_secret_that_opens_nothing_at_seal_is_taken_away_once(upstream: Clustered, downstream: Clustered) -> None:
    provider = ProjectSecretProvider()
    kept = provider.create(dict(PROPS)).outs or {}
    sealed = {**PROPS, "credentials": {}, "namespaces": []}
    assert provider.diff("id", kept, sealed).changes is True
    after = provider.update("id", kept, sealed).outs or {}
    assert not [key for key in upstream.objects if key[1] == "Secret"]
    assert provider.read("id", after).id == "id"
    assert provider.diff("id", after, sealed).changes is False


def test_a_pull_check_waits_for_the_copy_and_says_so_where_none_comes(
    upstream: Clustered, downstream: Clustered, monkeypatch: pytest.MonkeyPatch
) -> None:
    pulls = Pulls()
    monkeypatch.setattr(pull_check, "puller", lambda: pulls)
    check = {**CHECK, "secret": "hub2ghcr-project", "project": ID}
    PullCheckProvider().create(dict(check))
    assert pulls.asked[0][1] == (ROBOT,)
    monkeypatch.setattr(awaiting, "SECONDS", -1.0)
    del downstream.objects["v1", "Secret", "shop", "hub2ghcr-project"]
    with pytest.raises(ClusterError, match="Rancher has not copied Secret hub2ghcr-project of project: 'c-abc12"):
        PullCheckProvider().create(dict(check))


def expected(*objects: Expectation) -> dict[str, Any]:
    text = Expectations("hub2ghcr-test", objects).text
    return {**PROPS, "expected": text, "foreseen": False, "projects": rancher().text}


def test_clashes_are_told_with_everything_else_that_is_wrong(upstream: Clustered, downstream: Clustered) -> None:
    downstream.objects["v1", "Secret", "shop", "hub2ghcr-project"] = secret("shop")
    gone = Expectation("v1", "Namespace", "", "gone", "there", "create it")
    found = ExpectedObjectsProvider().check({}, expected(gone))
    told = [each.reason for each in found.failures]
    assert [("would overwrite it" in line, "Namespace gone" in line) for line in told] == [(True, False), (False, True)]
    assert found.inputs["projects"].startswith("sha256:")
    assert upstream.written == downstream.written == []


def test_a_cluster_of_rancher_s_that_is_not_reached_is_told(
    downstream: Clustered, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unreached(_: object) -> Clustered:
        raise ClusterError("is unreachable")

    monkeypatch.setattr(cluster_access, "management", unreached)
    found = ExpectedObjectsProvider().check({}, expected())
    assert [each.reason for each in found.failures] == ["is unreachable"]


def test_a_copy_is_no_secret_of_ours_that_a_refresh_would_miss(upstream: Clustered, downstream: Clustered) -> None:
    made = Expectation("v1", "Secret", "shop", "hub2ghcr-project", "copied")
    found = ExpectedObjectsProvider().check({}, expected(made))
    assert (found.failures, found.inputs["secrets"]) == ([], [])
    assert expected_objects._copied(Expectations("m", (made,))) == {"shop/hub2ghcr-project"}


def test_rancher_s_cluster_is_reached_as_the_configuration_says_now(monkeypatch: pytest.MonkeyPatch) -> None:
    reached: list[tuple[str, ...]] = []

    def by_kubeconfig(*found: str) -> Clustered:
        reached.append(found)
        return Clustered()

    monkeypatch.setattr(Cluster, "by_kubeconfig", by_kubeconfig)
    monkeypatch.setattr(cluster_access, "_open", {})
    cluster_access.management(PROPS)
    clusters = [{"name": "demo", "kubeconfig": "/a", "context": "b", "rancher": {"kubeconfig": "/now", "context": "z"}}]
    provider_process.know({"hub2ghcr:clusters": json.dumps(clusters)})
    cluster_access.management(PROPS)
    cluster_access.management({key: value for key, value in PROPS.items() if key != "management"})
    provider_process.know({})
    assert reached == [
        ("of Rancher (demo)", "/kube/rancher", "y"),
        ("of Rancher (demo)", "/now", "z"),
        ("demo", "/a", "b"),
    ]
