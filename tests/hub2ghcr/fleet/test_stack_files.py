"""Stack files follow from the fleet's template, but for what is a stack's own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from hub2ghcr.errors import Hub2GhcrError, SettingsError
from hub2ghcr.fleet.reading import load
from hub2ghcr.fleet.stack_files import StackFile, stack_files, write
from hub2ghcr.settings import load as settings

FLEET = """
template: stacks/cluster.yaml
clusters:
  east: {server: "https://east.example.org", namespaces: {shop: {onUnready: skip}}}
  west: {stack: far}
waves: [{name: all, rest: true}]
"""
TEMPLATE = """
encryptionsalt: v1:a
config:
  pulumi:disable-default-providers: [kubernetes, github]
  hub2ghcr:phase: prepare
  hub2ghcr:pullToken: {secure: v1:x}
  hub2ghcr:credentials: {pull: {username: puller, secretKey: pullToken}}
  hub2ghcr:clusters:
    - kubeconfig: ${KUBECONFIG}
      context: prod-{cluster}
      pull: pull
      namespaces:
        shop: {manifests: ["clusters/{cluster}/shop.yaml"]}
        {cluster}: {create: true}
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "stacks").mkdir()
    (tmp_path / "stacks/fleet.yaml").write_text(FLEET)
    (tmp_path / "stacks/cluster.yaml").write_text(TEMPLATE)
    return tmp_path


def found(root: Path) -> tuple[StackFile, ...]:
    return stack_files(load(root, written=False), root)


def write_all(root: Path) -> None:
    for each in found(root):
        write(each, "stacks/cluster.yaml", root)


def change(root: Path, stack: str, text: str, by: str) -> None:
    path = root / f"stacks/Pulumi.{stack}.yaml"
    assert text in path.read_text()
    path.write_text(path.read_text().replace(text, by))


def config(root: Path, stack: str) -> Any:
    return yaml.safe_load((root / f"stacks/Pulumi.{stack}.yaml").read_text())["config"]


def test_missing_files_are_written_and_read_as_stacks(root: Path) -> None:
    assert [(each.cluster, each.place, each.state) for each in found(root)] == [
        ("east", "stacks/Pulumi.east.yaml", "missing"),
        ("west", "stacks/Pulumi.far.yaml", "missing"),
    ]
    write_all(root)
    assert {each.state for each in found(root)} == {"same"}
    load(root)
    (west,) = settings("far", root, {}).clusters
    assert (west.name, west.context, west.namespaces["shop"].manifests) == (
        "west",
        "prod-west",
        ("clusters/west/shop.yaml",),
    )
    assert west.namespaces["west"].create
    (east,) = config(root, "east")["hub2ghcr:clusters"]
    assert (east["name"], east["server"]) == ("east", "https://east.example.org")
    assert east["namespaces"]["shop"] == {"manifests": ["clusters/east/shop.yaml"], "onUnready": "skip"}
    assert (
        (root / "stacks/Pulumi.east.yaml").read_text().startswith("# Written by `hub2ghcr fleet stacks` from stacks/")
    )


def test_null_takes_out_what_the_template_has(root: Path) -> None:
    """As over base files: else no cluster with a server could have a template with a kubeconfig."""
    path = root / "stacks/fleet.yaml"
    path.write_text(path.read_text().replace("east: {", "east: {kubeconfig: null, context: null, "))
    write_all(root)
    (east,) = config(root, "east")["hub2ghcr:clusters"]
    assert sorted(east) == ["name", "namespaces", "pull", "server"]


def test_what_is_a_stacks_own_is_not_compared(root: Path) -> None:
    write_all(root)
    change(root, "east", "hub2ghcr:phase: prepare", "hub2ghcr:phase: cutover\n  hub2ghcr:own: 1")
    change(root, "east", "secure: v1:x", "secure: v1:of-its-own")
    change(root, "east", "onUnready: skip", "onUnready: skip\n          phase: seal")
    change(root, "east", "encryptionsalt: v1:a", "encryptionsalt: v1:b")
    assert {each.state for each in found(root)} == {"same"}


def test_what_differs_is_named_and_brought_back_without_touching_what_is_a_stacks_own(root: Path) -> None:
    write_all(root)
    change(root, "east", "hub2ghcr:phase: prepare", "hub2ghcr:phase: cutover\n  hub2ghcr:own: 1")
    change(root, "east", "onUnready: skip", "onUnready: skip\n          phase: seal")
    change(root, "east", "username: puller", "username: other")
    change(root, "east", "prod-east", "elsewhere")
    east, west = found(root)
    assert (east.state, east.keys, west.state) == ("differs", ("hub2ghcr:clusters", "hub2ghcr:credentials"), "same")
    write_all(root)
    assert {each.state for each in found(root)} == {"same"}
    now = config(root, "east")
    assert (now["hub2ghcr:phase"], now["hub2ghcr:own"]) == ("cutover", 1)
    assert now["hub2ghcr:credentials"]["pull"]["username"] == "puller"
    assert now["hub2ghcr:clusters"][0]["context"] == "prod-east"
    assert now["hub2ghcr:clusters"][0]["namespaces"]["shop"]["phase"] == "seal"


def test_a_fleet_without_a_template_is_told(root: Path) -> None:
    (root / "stacks/fleet.yaml").write_text(FLEET.replace("template: stacks/cluster.yaml", ""))
    with pytest.raises(SettingsError, match="names no template"):
        found(root)


def test_a_template_of_two_clusters_and_broken_stack_files_are_told(root: Path) -> None:
    for stack in ("east", "far"):
        (root / f"stacks/Pulumi.{stack}.yaml").write_text("[]")
    with pytest.raises(Hub2GhcrError) as caught:
        found(root)
    assert [line.partition(":")[0] for line in caught.value.lines] == [
        "stacks/Pulumi.east.yaml",
        "stacks/Pulumi.far.yaml",
    ]
    (root / "stacks/cluster.yaml").write_text("config: {'hub2ghcr:clusters': [{}, {}]}")
    with pytest.raises(SettingsError, match=r"stacks/cluster\.yaml: hub2ghcr:clusters: must have one entry"):
        found(root)
