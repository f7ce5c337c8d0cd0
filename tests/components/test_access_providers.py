"""The providers of pull access without an engine or a cluster: what they ask for, when, and what they keep."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import dill  # type: ignore[import-untyped]
import pytest

from components import cluster_access, provider_process, pull_check
from components.pull_check import PullCheckProvider
from components.service_account_entry import ServiceAccountEntryProvider
from hub2ghcr.credentials import Credential, docker_config_json
from hub2ghcr.errors import AccessRefused, ClusterError, CredentialError, Hub2GhcrError
from hub2ghcr.plan import CredentialRef, Kubeconfig, Server
from hub2ghcr.pull_secrets.pulling import Image

ROBOT = Credential("robot", "the-secret-value")
TARGET = "ghcr.io/acme/shop:1"
CHECK: dict[str, Any] = {
    "cluster": "demo",
    "reach": {"kubeconfig": "/kube/config", "context": "x"},
    "namespace": "shop",
    "secret": "ours",
    "secretVersion": "u/1",
    "credentials": {"ghcr.io": "pull"},
    "images": [{"target": TARGET, "digest": "sha256:1", "platforms": ["linux/amd64"]}],
    "switches": ["Deployment/web"],
    "__provider": "p",
}
ENTRY = {"cluster": "demo", "reach": {}, "namespace": "shop", "account": "default", "secret": "ours", "__provider": "p"}


class Objects:
    """A cluster of one Secret and one ServiceAccount."""

    def __init__(self) -> None:
        self.secret: dict[str, Any] | None = written(ROBOT)
        self.account: dict[str, Any] | None = {"metadata": {"resourceVersion": "1"}}

    def get(self, api_version: str, kind: str, namespace: str, name: str) -> dict[str, Any] | None:
        return self.secret if kind == "Secret" else self.account

    def replace(self, document: Mapping[str, Any]) -> Mapping[str, Any]:
        self.account = dict(document)
        return document

    @property
    def names(self) -> list[str]:
        return [each["name"] for each in (self.account or {}).get("imagePullSecrets", [])]


class Pulls:
    """What a registry would say of every pull."""

    def __init__(self) -> None:
        self.asked: list[tuple[Image, tuple[Credential | None, ...]]] = []
        self.refuses = False

    def pull(self, image: Image, credentials: tuple[Credential | None, ...]) -> str:
        self.asked.append((image, credentials))
        if self.refuses:
            raise AccessRefused("cannot be pulled as robot: refused", image.target, remedy="grant it")
        return "robot"


def written(credential: Credential, **change: Any) -> dict[str, Any]:
    data = base64.b64encode(docker_config_json({"ghcr.io": credential}).encode()).decode()
    return {
        "kind": "Secret",
        "type": "kubernetes.io/dockerconfigjson",
        "metadata": {"name": "ours", "namespace": "shop"},
        "data": {".dockerconfigjson": data},
        **change,
    }


@pytest.fixture
def objects(monkeypatch: pytest.MonkeyPatch) -> Objects:
    found = Objects()
    monkeypatch.setattr(cluster_access, "cluster", lambda _: found)
    return found


@pytest.fixture
def pulls(monkeypatch: pytest.MonkeyPatch) -> Iterator[Pulls]:
    found = Pulls()
    monkeypatch.setattr(pull_check, "puller", lambda: found)
    credentials = {"pull": {"username": "robot", "secretKey": "pullToken"}}
    provider_process.know({"hub2ghcr:credentials": json.dumps(credentials), "hub2ghcr:pullToken": ROBOT.secret})
    yield found
    provider_process.know({})


@pytest.mark.parametrize("provider", [PullCheckProvider, ServiceAccountEntryProvider])
def test_a_provider_is_kept_by_its_name_alone_and_is_no_secret(provider: Callable[[], Any]) -> None:
    assert len(dill.dumps(provider(), recurse=True)) < 110
    assert provider().serialize_as_secret_always is False


def test_images_are_asked_for_with_what_the_secret_in_the_cluster_holds(objects: Objects, pulls: Pulls) -> None:
    kept = PullCheckProvider().create(dict(CHECK))
    assert pulls.asked == [(Image(TARGET, "sha256:1", ("linux/amd64",)), (ROBOT,))]
    assert kept.outs == {**CHECK, "unready": []}


def test_without_a_secret_images_are_asked_for_as_anybody(objects: Objects, pulls: Pulls) -> None:
    PullCheckProvider().create({**CHECK, "secret": None, "credentials": {}})
    assert pulls.asked[0][1] == ()


WRONG: list[tuple[dict[str, Any] | None, str]] = [
    (None, "cluster demo, namespace shop: Secret ours is not there"),
    (written(Credential("robot", "old-value")), "has another token of robot than the stack"),
    (written(Credential("x", "the-secret-value")), "is of x, not of robot"),
    (written(ROBOT, type="Opaque"), "no kubelet pulls with a Secret of this type: 'Opaque'"),
    (written(ROBOT, data={".dockerconfigjson": "%"}), "is not base64"),
]


@pytest.mark.parametrize(("secret", "told"), WRONG)
def test_what_was_written_is_read_back_and_compared_without_being_shown(
    objects: Objects, pulls: Pulls, secret: dict[str, Any] | None, told: str
) -> None:
    objects.secret = secret
    with pytest.raises(Hub2GhcrError) as caught:
        PullCheckProvider().create(dict(CHECK))
    assert told in str(caught.value)
    assert "old-value" not in str(caught.value)
    assert ROBOT.secret not in str(caught.value)


def test_a_refusal_names_cluster_namespace_and_image(objects: Objects, pulls: Pulls) -> None:
    pulls.refuses = True
    with pytest.raises(Hub2GhcrError) as caught:
        PullCheckProvider().create(dict(CHECK))
    assert str(caught.value) == (
        f"cluster demo, namespace shop: {TARGET}: cannot be pulled as robot: refused; grant it"
    )


OTHER = {"images": [{"target": TARGET, "digest": "sha256:2", "platforms": []}]}
PROOFS: list[tuple[dict[str, Any], bool, bool]] = [
    ({}, False, True),
    ({"reach": {}}, False, True),
    ({"secretVersion": "u/2"}, True, True),
    (OTHER, True, True),
    ({"switches": ["Deployment/api", "Deployment/web"]}, True, True),
    ({"switches": ["Deployment/api"]}, True, True),
    ({"switches": []}, True, False),
    ({"switches": [], "secretVersion": "u/2", **OTHER}, True, False),
]


@pytest.mark.parametrize(("change", "changes", "proven"), PROOFS)
def test_what_is_new_is_proven_and_a_way_back_needs_no_registry(
    objects: Objects, pulls: Pulls, change: dict[str, Any], changes: bool, proven: bool
) -> None:
    news = {**CHECK, **change}
    assert PullCheckProvider().diff("id", dict(CHECK), news).changes is changes
    pulls.refuses = not proven
    kept = PullCheckProvider().update("id", dict(CHECK), news)
    assert bool(pulls.asked) is proven
    assert kept.outs == {**news, "unready": []}


def test_what_may_be_skipped_keeps_why_and_is_tried_again(objects: Objects, pulls: Pulls) -> None:
    provider, props = PullCheckProvider(), {**CHECK, "skips": True}
    pulls.refuses = True
    kept = provider.create(dict(props)).outs or {}
    assert kept["unready"] == [f"cluster demo, namespace shop: {TARGET}: cannot be pulled as robot: refused; grant it"]
    assert provider.diff("id", kept, props).changes
    pulls.refuses = False
    kept = provider.update("id", kept, dict(props)).outs or {}
    assert (kept["unready"], provider.diff("id", kept, props).changes) == ([], False)


def test_some_of_several_that_leave_need_no_proof_but_another_image_does(objects: Objects, pulls: Pulls) -> None:
    olds = {**CHECK, "switches": ["Deployment/api", "Deployment/web"]}
    PullCheckProvider().update("id", olds, dict(CHECK))
    assert not pulls.asked
    PullCheckProvider().update("id", olds, {**CHECK, **OTHER})
    assert pulls.asked


def test_an_entry_comes_is_found_again_and_goes(objects: Objects) -> None:
    provider = ServiceAccountEntryProvider()
    assert provider.create(dict(ENTRY)).id == "demo/shop/default"
    assert objects.names == ["ours"]
    assert not provider.diff("id", dict(ENTRY), {**ENTRY, "reach": {"kubeconfig": "elsewhere"}}).changes
    assert provider.read("id", dict(ENTRY)).id == "id"
    provider.delete("id", dict(ENTRY))
    assert objects.names == []


def test_a_lost_entry_is_a_change_without_a_refresh_and_none_after_one(objects: Objects) -> None:
    provider = ServiceAccountEntryProvider()
    assert provider.diff("id", dict(ENTRY), dict(ENTRY)).changes
    assert provider.read("id", dict(ENTRY)).id == ""
    provider.update("id", dict(ENTRY), dict(ENTRY))
    assert objects.names == ["ours"]


def test_a_secret_of_another_name_is_listed_before_the_old_one_goes(objects: Objects) -> None:
    provider = ServiceAccountEntryProvider()
    provider.create(dict(ENTRY))
    provider.update("id", dict(ENTRY), {**ENTRY, "secret": "new"})
    assert objects.names == ["new"]


@pytest.mark.parametrize("key", ["cluster", "namespace", "account"])
def test_another_place_is_another_entry(objects: Objects, key: str) -> None:
    assert ServiceAccountEntryProvider().diff("id", dict(ENTRY), {**ENTRY, key: "other"}).replaces == [key]


def test_a_secret_to_be_mounted_leaves_those_that_pods_pull_with_alone(objects: Objects) -> None:
    objects.account = {"metadata": {}, "imagePullSecrets": [{"name": "ours"}], "secrets": [{"name": "x-dockercfg-1"}]}
    provider, props = ServiceAccountEntryProvider(), {**ENTRY, "listing": "secrets"}
    assert provider.read("id", dict(props)).id == ""
    provider.create(dict(props))
    assert objects.account["secrets"] == [{"name": "x-dockercfg-1"}, {"name": "ours"}]
    assert provider.read("id", dict(props)).id == "id"
    provider.delete("id", dict(props))
    assert (objects.account["secrets"], objects.names) == ([{"name": "x-dockercfg-1"}], ["ours"])


def test_an_entry_of_what_is_gone_needs_no_taking_out(objects: Objects) -> None:
    objects.account = None
    ServiceAccountEntryProvider().delete("id", dict(ENTRY))


TOKEN = CredentialRef("cluster-token", "oc", "clusterToken")


def test_a_resource_names_a_token_and_holds_none() -> None:
    assert cluster_access.reaching("demo", Server("https://api:6443", TOKEN, "ca.pem")) == {
        "cluster": "demo",
        "reach": {"server": "https://api:6443", "credential": "cluster-token", "certificateAuthority": "ca.pem"},
    }
    assert cluster_access.reaching("demo", Kubeconfig("/k", "x"))["reach"] == {"kubeconfig": "/k", "context": "x"}


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[tuple[Any, ...]]]:
    found: list[tuple[Any, ...]] = []

    class Cluster:
        @classmethod
        def by_kubeconfig(cls, *how: Any) -> Any:
            found.append(how)
            return cls()

        by_server = by_kubeconfig

    monkeypatch.setattr(cluster_access, "Cluster", Cluster)
    monkeypatch.setattr(cluster_access, "_open", {})
    yield found
    provider_process.know({})


def test_the_configuration_says_how_a_cluster_is_reached_now(
    opened: list[tuple[Any, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HERE", "/this/machine")
    clusters = [{"name": "demo", "kubeconfig": "${HERE}/config", "context": "now"}]
    provider_process.know({"hub2ghcr:clusters": json.dumps(clusters)})
    props = {"cluster": "demo", "reach": {"kubeconfig": "/other/machine", "context": "then"}}
    assert cluster_access.cluster(props) is cluster_access.cluster(dict(props))
    cluster_access.cluster({**props, "cluster": "left-the-stack"})
    assert opened == [
        ("demo", "/this/machine/config", "now"),
        ("left-the-stack", "/other/machine", "then"),
    ]


def test_a_token_comes_from_the_stacks_secrets_when_it_is_needed(opened: list[tuple[Any, ...]]) -> None:
    clusters = [{"name": "demo", "server": "https://api:6443", "token": "t"}]
    credentials = {"t": {"username": "oc", "secretKey": "clusterToken"}}
    know = {"hub2ghcr:clusters": json.dumps(clusters), "hub2ghcr:credentials": json.dumps(credentials)}
    provider_process.know(know)
    with pytest.raises(CredentialError, match="pulumi config set --secret hub2ghcr:clusterToken"):
        cluster_access.cluster({"cluster": "demo", "reach": {}})
    provider_process.know({**know, "hub2ghcr:clusterToken": "the-token"})
    cluster_access.cluster({"cluster": "demo", "reach": {}})
    assert opened == [("demo", "https://api:6443", "the-token", None)]


def test_an_error_of_the_cluster_is_one_of_ours() -> None:
    provider_process.know({})
    with pytest.raises(ClusterError, match="cannot be read"):
        cluster_access.cluster({"cluster": "demo", "reach": {"kubeconfig": "/no/such/file", "context": "x"}})
