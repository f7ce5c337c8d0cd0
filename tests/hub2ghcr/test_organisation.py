"""The organisation of ``stacks/``: what is shared is written once, and one lock serves every environment."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from hub2ghcr import plan, status
from hub2ghcr.plan import Plan
from hub2ghcr.settings import load
from tests.hub2ghcr.cli.running import hub2ghcr, lines

ROOT = Path(__file__).parents[2]
ENVIRONMENTS = ("dev", "staging", "production")


@pytest.fixture(scope="module")
def plans() -> dict[str, Plan]:
    return {name: plan.of_stack(name, ROOT).plan for name in ("org", *ENVIRONMENTS)}


def test_every_environment_runs_the_digests_of_one_lock(plans: dict[str, Plan]) -> None:
    """Whoever copies and whoever requires them: the same images, by the same digests."""
    found = {name: {(each.target, each.digest) for each in plans[name].copies} for name in ENVIRONMENTS}
    assert found["dev"] and found["dev"] == found["staging"] == found["production"]
    assert {load(name, ROOT, {}).images.lock for name in plans} == {"images.lock.yaml"}
    assert {name: plans[name].mirror for name in ENVIRONMENTS} == {
        "dev": "copy",
        "staging": "require",
        "production": "require",
    }


def test_dev_alone_may_read_docker_hub_and_write_packages(plans: dict[str, Plan]) -> None:
    opened = {
        (name, each.host, use)
        for name in ENVIRONMENTS
        for each in plans[name].registries
        for use in ("pull", "push")
        if getattr(each, use) is not None and (each.host, use) != ("ghcr.io", "pull")
    }
    assert opened == {("dev", "docker.io", "pull"), ("dev", "ghcr.io", "push")}


def test_production_has_two_clusters_which_share_no_token(plans: dict[str, Plan]) -> None:
    assert [each.name for each in plans["production"].clusters] == ["eu", "us"]
    assert not any("share the pull credential" in each for each in plans["production"].warnings)


def test_the_organisation_has_repositories_and_packages_and_no_cluster(plans: dict[str, Plan]) -> None:
    org = plans["org"]
    assert org.github is not None and org.github.repositories and org.github.packages
    assert (org.clusters, org.copies) == ((), ())
    assert all(plans[name].github is None for name in ENVIRONMENTS)


def test_an_environment_says_only_what_is_its_own() -> None:
    """A stack file of its own keys, tokens and a phase: no rule and no namespace is written twice."""
    for name in ENVIRONMENTS:
        config = yaml.safe_load((ROOT / f"stacks/Pulumi.{name}.yaml").read_text())["config"]
        assert not {"hub2ghcr:mapping", "hub2ghcr:clusterDefaults"} & set(config)
        assert all("namespaces" not in each for each in config["hub2ghcr:clusters"])


def test_a_stack_without_clusters_has_a_status_that_says_so(plans: dict[str, Plan]) -> None:
    assert status.look(plans["org"], status.Asking({}, None, None), lambda *_: None) == ()  # type: ignore[arg-type]
    done = hub2ghcr(ROOT, "status", "-s", "org")
    assert (done.returncode, lines(done.stdout)) == (
        0,
        ["no namespaces: what a stack does on GitHub is compared by `pulumi preview`"],
    )
