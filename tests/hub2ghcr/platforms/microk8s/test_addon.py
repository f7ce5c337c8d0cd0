"""The add-on registry of MicroK8s under its names."""

from __future__ import annotations

from pathlib import Path

import pytest

from hub2ghcr.mapping import Mapped, Mapping, Rule
from hub2ghcr.platforms.microk8s.addon import advice, is_addon
from hub2ghcr.reference import Reference
from hub2ghcr.scanning import scan
from hub2ghcr.settings import ExclusionSettings

ALIASES = {"10.0.0.5:32000": "localhost:32000", "127.0.0.1:32000": "localhost:32000"}
TO = ("localhost:32000/*", "ghcr.io/acme/edge/*")
NAMES = ["localhost:32000/shop:1", "127.0.0.1:32000/shop:1", "10.0.0.5:32000/shop:1"]


@pytest.mark.parametrize(
    ("host", "found"),
    [
        ("localhost:32000", True),
        ("127.0.0.1:32000", True),
        ("10.0.0.5:32000", True),
        ("localhost:5000", False),
        ("localhost", False),
        ("registry.example.com:32000", False),
        ("[::1]:32000", False),
    ],
)
def test_it_is_known_by_its_port_on_localhost_or_an_address(host: str, found: bool) -> None:
    assert is_addon(host) is found


def test_undeclared_it_is_told_what_to_declare() -> None:
    (line,) = advice([*NAMES, "nginx:1.27", "{{ .image }}"], Mapping(()))
    assert line.startswith("localhost:32000 and 10.0.0.5:32000 and 127.0.0.1:32000: MicroK8s' registry add-on")
    declared = '"localhost:32000": {aliases: [10.0.0.5:32000, 127.0.0.1:32000], endpoint: "http://10.0.0.5:32000"}'
    assert f"`registries: {{{declared}}}`" in line


def test_one_name_alone_asks_for_the_endpoint_that_we_reach() -> None:
    (line,) = advice(NAMES[:1], Mapping(()))
    assert '{"localhost:32000": {endpoint: "http://NODE:32000"}}' in line


def test_a_rule_for_one_name_leaves_the_other_to_be_declared() -> None:
    """Each would be copied, and under one rule they would collide."""
    assert len(list(advice(NAMES, Mapping((Rule.parse(*TO),))))) == 1


@pytest.mark.parametrize("images", [NAMES, ["nginx:1.27"], []])
def test_declared_or_absent_there_is_nothing_to_say(images: list[str]) -> None:
    assert list(advice(images, Mapping((Rule.parse(*TO, aliases=ALIASES),), (), ALIASES))) == []


def test_one_that_an_exclusion_names_stays_without_a_word() -> None:
    stays = ExclusionSettings.model_validate({"match": "localhost:32000/*", "reason": "built on the node"}).build()
    assert list(advice(NAMES[:1], Mapping((), (stays,)))) == []


def test_declared_it_is_one_source_under_all_its_names() -> None:
    mapping = Mapping((Rule.parse(*TO, aliases=ALIASES),), (), ALIASES)
    decisions = mapping.resolve(map(Reference.parse, NAMES))
    found = {(str(each.source), str(each.target)) for each in decisions.values() if isinstance(each, Mapped)}
    assert found == {("localhost:32000/shop:1", "ghcr.io/acme/edge/shop:1")}


def test_a_scan_notes_it(tmp_path: Path) -> None:
    (tmp_path / "compose.yaml").write_text("services: {web: {image: 'localhost:32000/shop:1'}}\n")
    found = scan([str(tmp_path)], Mapping(()))
    assert any("MicroK8s' registry add-on" in each for each in found.notes)
