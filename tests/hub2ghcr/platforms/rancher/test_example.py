"""The stack that the page shows is one that plans."""

from __future__ import annotations

from pathlib import Path

from hub2ghcr.plan import of_stack

ROOT = Path(__file__).parents[4]


def test_the_example_plans_one_secret_for_both_namespaces_of_the_project() -> None:
    plan = of_stack("rancher", ROOT).plan
    (cluster,) = plan.clusters
    assert cluster.rancher is not None
    (secret,) = cluster.rancher.projects
    assert (secret.namespaces, secret.name) == (("jobs", "shop"), "hub2ghcr-project")
    assert cluster.rancher.management is not None
    assert {each.pull_secret and each.pull_secret.project for each in cluster.namespaces} == {str(secret.project)}
    assert plan.warnings == (
        "cluster prod, namespace jobs: phase prepare: images are copied, no workload is switched",
        "cluster prod, namespace shop: phase prepare: images are copied, no workload is switched",
    )


def test_the_page_shows_the_example_s_settings() -> None:
    page = (ROOT / "docs/platforms/rancher.md").read_text(encoding="utf-8")
    assert "stacks/Pulumi.rancher.yaml" in page
    assert "hub2ghcr plan -s rancher" in page
