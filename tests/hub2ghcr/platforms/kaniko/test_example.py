from __future__ import annotations

from pathlib import Path

from hub2ghcr.plan import of_stack, require_buildable

ROOT = Path(__file__).parents[4]


def test_the_example_can_be_planned_and_built() -> None:
    plan = of_stack("kaniko", ROOT).plan
    [namespace] = plan.clusters[0].namespaces
    assert [each.context.kind for each in namespace.builds] == ["folder", "git"]
    require_buildable(plan, ROOT)
