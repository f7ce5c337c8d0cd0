"""What a command line and a file of rules say together."""

from __future__ import annotations

from pathlib import Path

import pytest

from hub2ghcr.inventory import ClusterFacts, Inventory, write
from hub2ghcr.mapping import Left, Mapped
from hub2ghcr.reference import Reference
from hub2ghcr.rules import load

from .conftest import Project

FILE = """
registries: {"localhost:32000": {aliases: ["10.0.0.5:32000"]}}
mapping: {rules: [{from: docker.io/*, to: ghcr.io/acme/*}]}
"""


def test_a_rule_of_the_command_line_may_name_a_registry_by_an_alias_of_the_file(tmp_path: Path) -> None:
    (tmp_path / "rules.yaml").write_text(FILE, encoding="utf-8")
    mapping = load(["10.0.0.5:32000/*=ghcr.io/acme/edge/*"], str(tmp_path / "rules.yaml")).mapping
    for host in ("localhost:32000", "10.0.0.5:32000"):
        decision = mapping.map(Reference.parse(f"{host}/x:1"))
        assert isinstance(decision, Mapped) and str(decision.target) == "ghcr.io/acme/edge/x:1"


def test_a_stacks_inventory_says_what_was_imported_on_nodes(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    facts = Inventory((ClusterFacts("one", imported=("docker.io/library/nginx:1.27",)),))
    write(facts, project.save().root / "stacks" / "test.inventory.yaml", "")
    monkeypatch.chdir(project.root)
    found = load([], stack="test").mapping.map(Reference.parse("nginx:1.27"))
    assert isinstance(found, Left) and found.kind == "imported"
