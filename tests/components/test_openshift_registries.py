"""What holds for all of an OpenShift cluster: what is declared, in which order, and what the providers do."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import dill  # type: ignore[import-untyped]
import pulumi
import pytest

from components import cluster_access, drift, provider_process
from components.cluster_migration import ClusterMigration, ClusterMigrationArgs
from components.global_pull_secret import GlobalPullSecretProvider
from components.image_mirror import ImageMirror, ImageMirrorArgs
from components.mirror_sets import MirrorSetsProvider
from hub2ghcr.plan import Cluster, Guard, Kubeconfig, Namespace, Workload
from hub2ghcr.platforms.openshift import MirrorRule, Opens, OpenShift
from tests.components.recording import Registered, declared, only
from tests.hub2ghcr.platforms.openshift.clusters import AUTHS, OpenShiftCluster, secret

OURS = "pulumi-python:dynamic/hub2ghcr:"
RULE = MirrorRule("docker.io/acme", "ghcr.io/acme")
WANTED = OpenShift(
    "prod",
    "ours",
    (Opens("ghcr.io", "pull", "robot"),),
    ("digest", "tag"),
    (RULE,),
    mirrored=True,
    keep=True,
    merges=True,
)
VALUE = "the-secret-value"
GLOBAL: dict[str, Any] = {
    "cluster": "demo",
    "reach": {},
    "stack": "prod",
    "credentials": {"ghcr.io": "pull"},
    "__provider": "p",
}
SETS: dict[str, Any] = {
    "cluster": "demo",
    "reach": {},
    "stack": "prod",
    "name": "ours",
    "sets": ["digest", "tag"],
    "rules": [{"source": "docker.io/acme", "mirror": "ghcr.io/acme"}],
    "policy": "AllowContactingSource",
    "__provider": "p",
}


def migrated(wanted: OpenShift | None) -> list[Registered]:
    def declare() -> None:
        target = "ghcr.io/acme/shop:1"
        args = ImageMirrorArgs(source="docker.io/acme/shop:1", target=target, digest="sha256:" + "a" * 64)
        mirrors: dict[str, pulumi.Resource] = {target: ImageMirror(target, args)}
        document = {
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": {"name": "web", "namespace": "shop"},
            "spec": {"template": {"spec": {"containers": [{"name": "web", "image": target}]}}},
        }
        web = Workload("apps/v1", "Deployment", "shop", "web", "patch", document, (), (target,))
        reach = Kubeconfig("/kube/config", "lab")
        namespaces = (Namespace("shop", False, None, (web,)),)
        cluster = Cluster("demo", reach, namespaces, guard=Guard("g", ("shop",)), openshift=wanted)
        ClusterMigration("demo", ClusterMigrationArgs(cluster, mirrors))

    return declared(declare)


def test_a_cluster_without_it_declares_nothing_of_it() -> None:
    assert not [each.type for each in migrated(None) if "penShift" in each.type or "MirrorSets" in each.type]


def test_workloads_wait_for_the_global_pull_secret_and_mirrors_for_workloads() -> None:
    found = migrated(WANTED)
    opened = only(found, f"{OURS}GlobalPullSecret")
    assert opened.inputs["credentials"] == {"ghcr.io": "pull"} and opened.retained
    assert opened.depends_on == ("demo",)
    waits = only(found, f"{OURS}WorkloadPatch").depends_on
    assert waits.count("demo") == 2  # the proof, and the secret
    sets = only(found, f"{OURS}MirrorSets")
    assert sets.inputs["sets"] == ["digest", "tag"] and not sets.retained
    assert {"demo", "demo/shop", "ghcr.io/acme/shop:1"} <= set(sets.depends_on)


def test_before_cutover_there_is_no_mirror_and_what_leaves_is_taken_away() -> None:
    found = migrated(replace(WANTED, mirrored=False, keep=False))
    assert only(found, f"{OURS}MirrorSets").inputs["sets"] == []
    assert not only(found, f"{OURS}GlobalPullSecret").retained


def test_a_global_pull_secret_that_opens_nothing_any_more_is_declared_so_that_our_entries_go() -> None:
    opened = only(migrated(replace(WANTED, opens=())), f"{OURS}GlobalPullSecret")
    assert opened.inputs["credentials"] == {}


def test_what_is_not_asked_for_is_not_declared() -> None:
    types = [each.type for each in migrated(OpenShift("prod", "ours"))]
    assert f"{OURS}GlobalPullSecret" not in types and f"{OURS}MirrorSets" not in types


@pytest.fixture
def cluster(monkeypatch: pytest.MonkeyPatch) -> Iterator[OpenShiftCluster]:
    found = OpenShiftCluster(secret())
    monkeypatch.setattr(cluster_access, "cluster", lambda _: found)
    known(VALUE)
    yield found
    provider_process.know({})


def known(value: str) -> None:
    credentials = {"pull": {"username": "robot", "secretKey": "pullToken"}}
    provider_process.know({"hub2ghcr:credentials": json.dumps(credentials), "hub2ghcr:pullToken": value})


@pytest.mark.parametrize("provider", [GlobalPullSecretProvider, MirrorSetsProvider])
def test_a_provider_is_kept_by_its_name_alone_and_is_no_secret(provider: Callable[[], Any]) -> None:
    assert len(dill.dumps(provider(), recurse=True)) < 110
    assert provider().serialize_as_secret_always is False


def test_the_state_holds_no_value_and_a_new_token_is_a_change(cluster: OpenShiftCluster) -> None:
    provider = GlobalPullSecretProvider()
    kept = provider.create(dict(GLOBAL))
    assert kept.outs == GLOBAL and VALUE not in json.dumps(kept.outs)
    assert set(cluster.auths()) == {*AUTHS, "ghcr.io"}
    assert not provider.diff("id", dict(GLOBAL), dict(GLOBAL)).changes
    assert provider.read("id", dict(GLOBAL)).id == "id"
    known("another-value")
    assert provider.diff("id", dict(GLOBAL), dict(GLOBAL)).changes
    provider.update("id", dict(GLOBAL), dict(GLOBAL))
    assert not provider.diff("id", dict(GLOBAL), dict(GLOBAL)).changes
    provider.delete("id", dict(GLOBAL))
    assert cluster.auths() == AUTHS


@pytest.mark.parametrize("key", ["cluster", "stack"])
def test_another_cluster_or_stack_is_another_secret(cluster: OpenShiftCluster, key: str) -> None:
    found = GlobalPullSecretProvider().diff("id", dict(GLOBAL), {**GLOBAL, key: "other"})
    assert found.replaces == [key] and found.delete_before_replace


def test_a_preview_that_asks_nobody_sees_what_the_settings_change(cluster: OpenShiftCluster) -> None:
    drift.excuse("demo", True)
    try:
        assert not GlobalPullSecretProvider().diff("id", dict(GLOBAL), dict(GLOBAL)).changes
        assert GlobalPullSecretProvider().diff("id", dict(GLOBAL), {**GLOBAL, "credentials": {}}).changes
        assert not MirrorSetsProvider().diff("id", dict(SETS), dict(SETS)).changes
        assert MirrorSetsProvider().diff("id", dict(SETS), {**SETS, "sets": []}).changes
    finally:
        drift.excuse("demo", False)


def test_mirror_sets_come_with_cutover_and_go_with_the_way_back(cluster: OpenShiftCluster) -> None:
    provider = MirrorSetsProvider()
    provider.create({**SETS, "sets": []})
    assert len(cluster.objects) == 1
    assert provider.diff("id", {**SETS, "sets": []}, dict(SETS)).changes
    kept = provider.update("id", {**SETS, "sets": []}, dict(SETS))
    assert kept.outs == SETS and len(cluster.objects) == 3
    assert not provider.diff("id", dict(SETS), dict(SETS)).changes
    assert provider.read("id", dict(SETS)).id == "id"
    cluster.delete("config.openshift.io/v1", "ImageTagMirrorSet", "", "ours")
    assert provider.diff("id", dict(SETS), dict(SETS)).changes
    provider.update("id", dict(SETS), {**SETS, "sets": []})
    assert len(cluster.objects) == 1
    provider.update("id", {**SETS, "sets": []}, dict(SETS))
    provider.delete("id", dict(SETS))
    assert len(cluster.objects) == 1
