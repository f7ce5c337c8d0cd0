"""The example stack plans, and does what its page says."""

from __future__ import annotations

from pathlib import Path

from hub2ghcr.plan import of_stack
from hub2ghcr.wanted import wanted

ROOT = Path(__file__).parents[4]


def test_the_example_moves_what_a_rule_names_and_leaves_the_other_import() -> None:
    found = of_stack("microk8s", ROOT)
    (namespace,) = found.plan.clusters[0].namespaces
    images = {image.before: image for each in namespace.workloads for image in each.images}
    assert images["mynginx:local"].after.startswith("ghcr.io/acme/edge/mynginx:local@sha256:")
    assert images["mycache:local"].reason.startswith("imported on the nodes of edge")
    assert images["10.0.0.5:32000/shop:2.1"].after == images["localhost:32000/shop:2.1"].after
    assert [each.source for each in found.plan.copies] == [
        "docker.io/library/mynginx:local",
        "localhost:32000/shop:2.1",
    ]
    assert [line.partition(":")[0] for line in found.plan.warnings] == ["mycache"]


def test_what_moves_out_of_an_archive_is_known_to_be_an_import() -> None:
    found = {str(each.reference): each.imported for each in wanted(of_stack("microk8s", ROOT).settings, ROOT)}
    assert found == {"mynginx:local": "the nodes of edge", "localhost:32000/shop:2.1": ""}
