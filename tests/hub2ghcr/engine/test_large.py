"""When a state is saved once a run, and what is run before by itself."""

from __future__ import annotations

import pytest

from hub2ghcr import plan
from hub2ghcr.engine import RunOptions, State
from hub2ghcr.engine.large import LARGE, ONCE, SAVED, SELDOM
from hub2ghcr.engine.options import options, runs
from hub2ghcr.plan import Plan
from tests.hub2ghcr.conftest import Config, Project

WORKLOAD = """
---
apiVersion: apps/v1
kind: Deployment
metadata: {{name: web-{number}, namespace: shop}}
spec: {{template: {{spec: {{containers: [{{name: web, image: "nginx:1.27"}}]}}}}}}
"""
SECRET = {"repository": "shop", "secretName": "CR_PAT"}


def planned(project: Project, workloads: int) -> Plan:
    """A plan of so many workloads, one of them in the namespace ``new``."""
    project.write("shop.yaml", "".join(WORKLOAD.format(number=number) for number in range(workloads - 1)))
    return plan.build(project.settings(), project.lock, project.root)


def state(*on_github: dict[str, str]) -> State:
    found = [
        {
            "urn": f"urn:pulumi:t::p::{index}",
            "type": f"github:index/x:{each.get('type', 'ActionsSecret')}",
            "inputs": each,
        }
        for index, each in enumerate(on_github)
    ]
    return State.of({"resources": [*found, {"urn": "u", "type": "pulumi:providers:github", "inputs": {}}]})


def never() -> State:
    raise AssertionError("the state is not asked for")


@pytest.fixture(autouse=True)
def _unset(monkeypatch: pytest.MonkeyPatch) -> None:
    for key in SELDOM:
        monkeypatch.delenv(key, raising=False)


def test_what_somebody_set_himself_stays(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GOGC", "off")
    assert options(planned(project, LARGE)).environment == {**ONCE, "GOMEMLIMIT": SELDOM["GOMEMLIMIT"]}


def test_below_the_size_every_step_is_saved(project: Project) -> None:
    assert runs(planned(project, LARGE - 1), never) == (RunOptions(),)


def test_from_the_size_on_the_state_is_saved_once(project: Project) -> None:
    found = planned(project, LARGE)
    assert options(found) == RunOptions(environment={**ONCE, **SELDOM})
    assert runs(found, lambda: state(SECRET)) == (RunOptions(environment={**ONCE, **SELDOM}),)


@pytest.mark.parametrize("known", [(), (SECRET, {**SECRET, "secretName": "OLD"})], ids=["new", "one to go"])
def test_what_github_gets_or_loses_is_saved_at_every_step_before(
    project: Project, known: tuple[dict[str, str], ...]
) -> None:
    first, then = runs(planned(project, LARGE), lambda: state(*known))
    assert first == RunOptions(only=SAVED)
    assert then == RunOptions(environment={**ONCE, **SELDOM})


def test_secrets_of_all_kinds_are_known_again(project: Project) -> None:
    def every(config: Config) -> None:
        config["github"]["organization"] = {"secrets": {"A": {"credential": "publish", "visibility": "all"}}}
        shop = config["github"]["repositories"]["shop"]
        shop |= {"dependabotSecrets": {"A": "publish"}, "environments": {"production": {"A": "publish"}}}

    kinds: list[dict[str, str]] = [
        SECRET,
        {"type": "ActionsOrganizationSecret", "secretName": "A"},
        {"type": "DependabotSecret", "repository": "shop", "secretName": "A"},
        {"type": "ActionsEnvironmentSecret", "repository": "shop", "environment": "production", "secretName": "A"},
    ]
    found = planned(project.change(every), LARGE)
    assert len(runs(found, lambda: state(*kinds))) == 1
    for left_out in kinds:
        known = [each for each in kinds if each is not left_out]
        assert len(runs(found, lambda known=known: state(*known))) == 2  # type: ignore[misc]


def test_a_stack_without_github_runs_once(project: Project) -> None:
    def without(config: Config) -> None:
        del config["github"]

    assert runs(planned(project.change(without), LARGE), state) == (RunOptions(environment={**ONCE, **SELDOM}),)
