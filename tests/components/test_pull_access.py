from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pulumi
import pytest

from components import pull_access
from components.cluster_provider import provider
from components.pull_access import PullAccess, PullAccessArgs
from hub2ghcr.errors import Problems
from hub2ghcr.plan import Cluster, CredentialRef, Kubeconfig, Namespace, Plan, PullSecret, Server
from hub2ghcr.plan.sharing import sharing
from hub2ghcr.settings import Settings
from tests.components.recording import Registered, declared, is_secret, only

VALUE = "the-secret-value"
CONFIG = {"hub2ghcr:pullToken": VALUE, "hub2ghcr:hubToken": "another-value", "hub2ghcr:blank": " "}
ROBOT, HUB, BLANK = (
    CredentialRef("pull", "robot", "pullToken"),
    CredentialRef("hub", "acmehub", "hubToken"),
    CredentialRef("blank", "nobody", "blank"),
)
REACH = Kubeconfig("/kube/config", "x")
ENTRY = "pulumi-python:dynamic/hub2ghcr:ServiceAccountEntry"


def access(secret: PullSecret, *accounts: str, keep: bool = False, builders: Sequence[str] = ()) -> list[Registered]:
    args = PullAccessArgs("demo", REACH, "shop", secret, accounts, keep, builders)
    return declared(lambda: PullAccess("demo/shop", args), CONFIG)


def test_registries_stand_side_by_side_the_hub_under_its_one_key() -> None:
    secret = PullSecret("ours", {"ghcr.io": ROBOT, "docker.io": HUB}, {"team": "shop"}, {"why": "it moves"})
    found = only(access(secret), "kubernetes:core/v1:Secret")
    data = found.inputs["data"]
    data = data["value"] if is_secret(data) else data
    text = data[".dockerconfigjson"]
    auths = json.loads(base64.b64decode(text["value"] if is_secret(text) else text))["auths"]
    assert {host: each["username"] for host, each in auths.items()} == {
        "ghcr.io": "robot",
        "https://index.docker.io/v1/": "acmehub",
    }
    metadata = found.inputs["metadata"]
    assert metadata["labels"] == {"team": "shop", "app.kubernetes.io/managed-by": "hub2ghcr"}
    assert metadata["annotations"]["why"] == "it moves"
    assert VALUE not in json.dumps(metadata)


def test_a_secret_that_builds_mount_has_the_same_under_each_of_its_keys_and_no_value_in_plain() -> None:
    secret = PullSecret("push", {"ghcr.io": ROBOT}, pushes="ghcr.io", keys=("auth", "config.json"))
    registered = access(secret)
    found = only(registered, "kubernetes:core/v1:Secret")
    assert found.inputs["type"] == "kubernetes.io/dockerconfigjson"
    assert is_secret(found.inputs["data"])
    data = found.inputs["data"]["value"]
    assert sorted(data) == [".dockerconfigjson", "auth", "config.json"]
    (text,) = {*data.values()}
    assert json.loads(base64.b64decode(text))["auths"]["ghcr.io"]["username"] == "robot"
    assert text not in json.dumps([{**each.inputs, "data": None} for each in registered])


@pytest.mark.parametrize("keep", [False, True])
def test_entries_wait_for_the_secret_and_stay_or_go_with_it(keep: bool) -> None:
    registered = access(PullSecret("ours", {"ghcr.io": ROBOT}), "default", "builder", keep=keep)
    entries = [each for each in registered if each.type == ENTRY]
    assert [each.inputs["account"] for each in entries] == ["builder", "default"]
    assert all("demo/shop" in each.depends_on for each in entries)
    assert {each.retained for each in registered} == {keep}


def test_builds_list_the_secret_among_those_to_be_mounted_beside_the_entry_that_pods_pull_with() -> None:
    registered = access(PullSecret("ours", {"ghcr.io": ROBOT}), "builder", builders=["pipeline", "builder"])
    entries = {each.name: each.inputs.get("listing") for each in registered if each.type == ENTRY}
    assert entries == {
        "demo/shop/ServiceAccount/builder": None,
        "demo/shop/ServiceAccount/builder/secrets": "secrets",
        "demo/shop/ServiceAccount/pipeline/secrets": "secrets",
    }


def planned(*namespaces: Namespace) -> Plan:
    return Plan("t", "cutover", "copy", (), (), None, (Cluster("demo", REACH, namespaces),), ())


def checked(plan: Plan) -> list[str]:
    told: list[str] = []

    def check() -> None:
        try:
            pull_access.check(plan)
        except Problems as found:
            told.extend(found.lines)

    declared(check, CONFIG)
    return told


def test_what_nobody_would_take_is_refused_before_anything_is_sent_all_at_once() -> None:
    told = checked(
        planned(
            Namespace("shop", False, PullSecret("ours", {"ghcr.io": ROBOT}), ()),
            Namespace("jobs", False, PullSecret("ours", {"ghcr.io": BLANK}), ()),
            Namespace("none", False, PullSecret("ours", {}), ()),
            Namespace("bad", False, PullSecret("Ours", {"ghcr.io": ROBOT}, {"a b": "c"}), ()),
        )
    )
    assert [line.partition(": Secret")[0] for line in told] == [
        "cluster demo, namespace bad",
        "cluster demo, namespace bad",
        "cluster demo, namespace jobs",
        "cluster demo, namespace none",
    ]
    assert "the secret of nobody is empty" in told[2]
    assert "a pull Secret needs at least one credential" in told[3]
    assert VALUE not in "".join(told)


def test_what_builds_push_with_is_looked_at_before_anything_is_sent_too() -> None:
    pushing = PullSecret("push", {"ghcr.io": BLANK}, pushes="ghcr.io", keys=("config.json",))
    (line,) = checked(planned(Namespace("builds", False, None, (), push_secret=pushing)))
    assert line.startswith("cluster demo, namespace builds: Secret push")


def told(**values: str) -> tuple[str, ...]:
    """The warnings of two clusters, where one namespace pulls with a credential of its own."""
    own = CredentialRef("own", "robot", "ownToken")
    keys = {each.name: {"username": each.username, "secretKey": each.secret_key} for each in (ROBOT, HUB, own)}
    reached = {"kubeconfig": "/kube/config", "context": "x"}
    clusters = (
        {"name": "demo", **reached, "pull": "pull", "namespaces": {"shop": {"pull": "own"}, "jobs": {}}},
        {"name": "other", **reached, "pull": "hub", "namespaces": {"shop": {}}},
    )
    config = {"credentials": keys, "clusters": clusters, "registries": {"ghcr.io": {}}}
    settings = Settings.model_validate({"stack": "t", "phase": "cutover", **config})
    secrets = [PullSecret("ours", {"ghcr.io": each}) for each in (own, ROBOT, HUB)]
    shop, jobs, there = (
        Namespace(name, False, secret, ()) for name, secret in zip(("shop", "jobs", "shop"), secrets, strict=True)
    )
    found = (Cluster("demo", REACH, (jobs, shop)), Cluster("other", REACH, (there,)))
    plan = replace(planned(), clusters=found, warnings=("as before", *sharing(settings, found)))
    warnings: list[str] = []
    declared(lambda: warnings.extend(pull_access.with_sharing(plan, settings).warnings), {**CONFIG, **values})
    return tuple(warnings)


def test_one_token_under_several_keys_is_told_by_the_names_of_its_credentials() -> None:
    assert told(**{"hub2ghcr:ownToken": VALUE, "hub2ghcr:hubToken": VALUE}) == (
        "as before",
        "cluster demo: namespaces shop and all without one of their own share the pull credential hub and own and pull:"
        " revoking it stops all",
        "clusters demo, other share the pull credential hub and own and pull: revoking it stops them all",
    )


def test_control_tokens_that_differ_are_not_shared() -> None:
    assert told(**{"hub2ghcr:ownToken": "its own"}) == ("as before",)


def test_a_provider_by_server_and_token_holds_its_kubeconfig_as_a_secret() -> None:
    reach = Server("https://api:6443", CredentialRef("t", "oc", "pullToken"), "ca.pem")
    cluster = Cluster("demo", reach, ())
    found = only(
        declared(lambda: provider("demo", cluster, pulumi.ResourceOptions()), CONFIG), "pulumi:providers:kubernetes"
    )
    text: Any = found.inputs["kubeconfig"]
    assert is_secret(text)
    config = json.loads(json.loads(text["value"]) if text["value"].startswith('"') else text["value"])
    assert config["users"][0]["user"] == {"token": VALUE}
    assert config["clusters"][0]["cluster"]["certificate-authority"].startswith("/")
    assert (found.inputs["context"], found.inputs["clusterIdentifier"]) == ("demo", "demo")
    assert VALUE not in json.dumps({key: value for key, value in found.inputs.items() if key != "kubeconfig"})
