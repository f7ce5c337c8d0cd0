"""The images to be locked: what moves, and what was published where the mapping leads to."""

from __future__ import annotations

from pathlib import Path

import pytest

from hub2ghcr.errors import Problems
from hub2ghcr.mapping import Exclusion, Mapping, Pattern, Rule, RuleOptions
from hub2ghcr.reference import Reference
from hub2ghcr.resolving import Wanted
from hub2ghcr.rules import Rules
from hub2ghcr.wanted import reaches, scanned, wanted

from .conftest import DIGEST, Project

MAPPING = Mapping(
    (
        Rule.parse("docker.io/library/*", "ghcr.io/acme/mirror-*-x", RuleOptions(("linux/amd64",), True)),
        Rule.parse("docker.io/acme/one", "ghcr.io/acme/one"),
        Rule.parse("docker.io/all/*", "ghcr.io/*"),
    ),
    (Exclusion(Pattern.parse("ghcr.io/acme/mirror-legacy*"), "of others"),),
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ghcr.io/acme/mirror-nginx-x:1", True),
        ("ghcr.io/acme/one:1", True),
        ("ghcr.io/acme/two:1", False),
        ("ghcr.io/acme/mirror--x", False),
        ("ghcr.io/acme/mirror-legacy-x:1", False),
        ("ghcr.io/somebody/else:1", False),
    ],
)
def test_what_lies_where_a_rule_leads_to_is_ours_unless_it_is_excluded(text: str, expected: bool) -> None:
    assert reaches(MAPPING, Reference.parse(text)) is expected


def test_a_stack_wants_what_moves_and_what_was_published_and_not_what_names_its_digest(project: Project) -> None:
    texts = (
        "ghcr.io/acme/shop:1.4.3",
        "ghcr.io/acme/shop",
        f"ghcr.io/acme/shop@{DIGEST}",
        f"ghcr.io/acme/shop:1@{DIGEST}",
        "ghcr.io/else/x:1",
    )
    spec = "spec: {{containers: [{{name: a, image: {}}}]}}\n"
    pods = "".join(
        f"---\napiVersion: v1\nkind: Pod\nmetadata: {{name: p{index}}}\n{spec.format(text)}"
        for index, text in enumerate(texts)
    )
    project.write("new.yaml", pods)
    found = wanted(project.settings(), project.root)
    assert [(str(each.reference.canonical), each.target, each.published) for each in found] == [
        ("docker.io/library/nginx:1.27", "ghcr.io/acme/mirror/nginx:1.27", False),
        ("ghcr.io/acme/shop", "ghcr.io/acme/shop:latest", True),
        ("ghcr.io/acme/shop:1.4.3", "ghcr.io/acme/shop:1.4.3", True),
        ("ghcr.io/acme/tools:3", "ghcr.io/acme/tools:3", True),
    ]


def test_files_want_what_they_name_to_the_last(tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text(
        "ARG V=1\nFROM nginx:${V}\nFROM nginx:1.27\nFROM busybox AS x\nFROM bitnami/y\n"
    )
    found, uncovered = scanned([str(tmp_path)], Rules(MAPPING))
    assert Wanted(Reference.parse("nginx:1.27"), "ghcr.io/acme/mirror-nginx-x:1.27", ("linux/amd64",)) in found
    assert {each.reference.canonical for each in found} <= {
        "docker.io/library/nginx:1",
        "docker.io/library/nginx:1.27",
        "docker.io/library/busybox",
    }
    assert [row.text for row in uncovered] == ["bitnami/y"]


def test_a_file_that_cannot_be_understood_is_a_problem(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("apiVersion: v1\nkind: Pod\nspec: {containers: [\n")
    with pytest.raises(Problems, match=r"a\.yaml"):
        scanned([str(tmp_path / "a.yaml")], Rules(MAPPING))
