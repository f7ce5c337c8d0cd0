"""The mirrors of a cluster's nodes as a resource: when it is declared, what it sees as a change, how it goes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import dill  # type: ignore[import-untyped]
import pulumi
import pytest

from components import cluster_access
from components.cluster_migration import ClusterMigration, ClusterMigrationArgs
from components.image_mirror import ImageMirror, ImageMirrorArgs
from components.node_registry_mirror import NodeRegistryMirrorProvider
from hub2ghcr.plan import Cluster, Kubeconfig, NodeMirror
from hub2ghcr.platforms.containerd.daemonset import restoring, writing
from tests.components.recording import Registered, declared, only
from tests.hub2ghcr.platforms.containerd.test_delivering import KEY, WANTED, Nodes

TYPE = "pulumi-python:dynamic/hub2ghcr:NodeRegistryMirror"
WHERE = {"cluster": "demo", "reach": {"kubeconfig": "k", "context": "c"}, "__provider": "p"}
PROPS = {
    **WHERE,
    "namespace": "kube-system",
    "folder": WANTED.folder,
    "seconds": 5,
    "write": json.dumps(writing(WANTED, "prod")),
    "restore": json.dumps(restoring(WANTED, "prod")),
}


@pytest.fixture
def nodes(monkeypatch: pytest.MonkeyPatch) -> Nodes:
    """A cluster whose nodes do their work at once."""
    found = Nodes()
    monkeypatch.setattr(cluster_access, "cluster", lambda _: found)
    return found


def migrated(mirror: NodeMirror | None) -> list[Registered]:
    def declare() -> None:
        copy = ImageMirror(
            "a",
            ImageMirrorArgs(source="docker.io/acme/shop:1", target="ghcr.io/acme/shop:1", digest="sha256:" + "a" * 64),
        )
        cluster = Cluster("demo", Kubeconfig("/kube/config", "lab"), (), node_mirror=mirror)
        ClusterMigration("demo", ClusterMigrationArgs(cluster, {"ghcr.io/acme/shop:1": copy}))

    return declared(declare)


def test_nodes_are_written_to_once_the_copies_are_there() -> None:
    found = only(migrated(WANTED), TYPE)
    assert set(found.depends_on) == {"demo", "a"}
    assert "MODE=write" in found.inputs["write"]
    assert "MODE=restore" in found.inputs["restore"]


@pytest.mark.parametrize("mirror", [None, replace(WANTED, active=False), replace(WANTED, delivery="files")])
def test_nothing_is_declared_before_cutover_for_files_or_without_it(mirror: NodeMirror | None) -> None:
    assert TYPE not in {each.type for each in migrated(mirror)}


def test_a_provider_is_kept_by_its_name_alone() -> None:
    assert len(dill.dumps(NodeRegistryMirrorProvider(), recurse=True)) < 100


def test_it_writes_changes_nothing_twice_and_restores_before_it_goes(nodes: Nodes) -> None:
    provider = NodeRegistryMirrorProvider()
    made = provider.create(PROPS)
    assert made.id == "demo/kube-system"
    assert provider.read(made.id, PROPS).outs == PROPS
    assert not provider.diff(made.id, PROPS, PROPS).changes
    provider.delete(made.id, PROPS)
    assert ["MODE=restore" in each for each in nodes.scripts] == [False, True]
    assert KEY not in nodes.objects


def test_what_somebody_deleted_or_changed_is_a_change(nodes: Nodes) -> None:
    provider = NodeRegistryMirrorProvider()
    assert provider.diff("i", PROPS, PROPS).changes
    provider.update("i", PROPS, PROPS)
    assert not provider.diff("i", PROPS, PROPS).changes
    nodes.objects[KEY]["spec"]["template"]["spec"]["tolerations"] = []
    assert provider.diff("i", PROPS, PROPS).changes


@pytest.mark.parametrize(
    ("change", "replaces"), [({"write": "{}"}, []), ({"folder": "/x"}, ["folder"]), ({"namespace": "n"}, ["namespace"])]
)
def test_another_folder_is_written_once_the_old_one_is_as_it_was(
    nodes: Nodes, change: Mapping[str, Any], replaces: list[str]
) -> None:
    found = NodeRegistryMirrorProvider().diff("i", PROPS, {**PROPS, **change})
    assert (found.changes, found.replaces, found.delete_before_replace) == (True, replaces, True)


def test_the_program_of_a_stack_is_its_own() -> None:
    found = only(migrated(WANTED), TYPE).inputs["write"]
    assert json.loads(found)["metadata"]["annotations"] == {"hub2ghcr/stack": pulumi.get_stack()}
