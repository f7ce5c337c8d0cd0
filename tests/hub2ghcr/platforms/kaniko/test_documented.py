"""What docs/platforms/kaniko.md shows is what happens."""

from __future__ import annotations

from pathlib import Path

from hub2ghcr.diff import unified
from hub2ghcr.mapping import Mapping, Rule
from hub2ghcr.rewriting import rewrite

ROOT = Path(__file__).parents[4]
PAGE = (ROOT / "docs/platforms/kaniko.md").read_text(encoding="utf-8")
FILE = "stacks/kaniko/build.yaml"
MAPPING = Mapping(
    (Rule.parse("docker.io/acme/*", "ghcr.io/acme/*"), Rule.parse("docker.io/library/*", "ghcr.io/acme/mirror/*"))
)


def test_the_diff_is_that_of_the_example() -> None:
    before = (ROOT / FILE).read_bytes()
    done = rewrite(before, FILE, MAPPING)
    assert done.problems == ()
    assert f"```diff\n{unified(before, done.data, FILE).decode()}```" in PAGE
