"""The example stack of this repository plans, and its files are those of the page."""

from __future__ import annotations

from pathlib import Path

from hub2ghcr.plan import of_stack
from hub2ghcr.platforms.containerd.files import files

ROOT = Path(__file__).parents[4]
PAGE = ROOT / "docs" / "platforms" / "containerd.md"


def test_the_example_plans_without_a_warning_of_its_nodes() -> None:
    plan = of_stack("containerd", ROOT).plan
    (cluster,) = plan.clusters
    assert cluster.node_mirror is not None
    assert not [each for each in plan.warnings if "nodeMirror" in each]
    assert [each.phase for each in cluster.namespaces] == ["prepare"]


def test_the_page_shows_the_file_that_the_example_writes() -> None:
    mirror = of_stack("containerd", ROOT).plan.clusters[0].node_mirror
    assert mirror is not None
    (hosts,) = (each for each in files(mirror) if each.path.endswith("hosts.toml"))
    assert hosts.text in PAGE.read_text(encoding="utf-8")
