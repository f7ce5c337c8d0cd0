from __future__ import annotations

from pathlib import Path

from hub2ghcr.plan import of_stack, require_buildable

ROOT = Path(__file__).parents[4]


def test_the_example_can_be_planned_and_built() -> None:
    plan = of_stack("kaniko", ROOT).plan
    [namespace] = plan.clusters[0].namespaces
    assert [each.context.kind for each in namespace.builds] == ["folder", "git"]
    require_buildable(plan, ROOT)


def test_the_build_that_is_there_pushes_with_a_credential_of_its_own() -> None:
    plan = of_stack("kaniko", ROOT).plan
    [namespace] = plan.clusters[0].namespaces
    secret = namespace.push_secret
    assert secret is not None and secret.credentials["ghcr.io"].name == "ghcr-builds"
    assert [each.push_secrets for each in namespace.workloads] == [("regcred",)]
    assert not [each for each in plan.warnings if "secret make" in each]
