"""How long a wave is watched, and what ends it sooner."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from hub2ghcr import cluster_access, plan
from hub2ghcr.errors import ClusterError, Hub2GhcrError, SettingsError, Unavailable
from hub2ghcr.fleet import soak
from hub2ghcr.fleet.gates import Gate, Health
from hub2ghcr.fleet.stop import Stop

HEALTHY, SHORT, STUCK = Health(3, 3), Health(2, 3), Health(3, 3, ("Pod web-1: ErrImagePull",))
AWAY, REFUSED = (
    Unavailable("is unreachable", "cluster lab"),
    ClusterError("refuses the credential (401)", "cluster lab"),
)
Answer = Health | Hub2GhcrError


class Fleet:
    """Stacks that answer one thing after another, the last one for ever."""

    def __init__(self, **answers: list[Answer]) -> None:
        self.answers = answers
        self.looks: dict[str, int] = dict.fromkeys(answers, 0)
        self.told: list[Mapping[str, Health]] = []

    def look(self, planned: Any, _: object) -> Health:
        answers, number = self.answers[planned.stack], self.looks[planned.stack]
        self.looks[planned.stack] += 1
        found = answers[min(number, len(answers) - 1)]
        if isinstance(found, Hub2GhcrError):
            raise found
        return found

    def watch(self, gate: Gate, **more: Any) -> dict[str, tuple[str, ...]]:
        return soak.watch(self.answers, Path(), gate, {}, told=lambda _, found: self.told.append(found), **more)


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    monkeypatch.setattr(soak, "EVERY", 0.01)
    monkeypatch.setattr(soak, "PATIENCE", 0.05)
    found = lambda stack, _: SimpleNamespace(plan=SimpleNamespace(stack=stack, clusters=()))  # noqa: E731
    monkeypatch.setattr(plan, "of_stack", found)
    monkeypatch.setattr(cluster_access, "clusters", lambda *_: {})
    yield monkeypatch


def watched(quick: pytest.MonkeyPatch, gate: Gate, fleet: Fleet, **more: Any) -> dict[str, tuple[str, ...]]:
    quick.setattr(soak, "look", fleet.look)
    return fleet.watch(gate, **more)


def test_healthy_stacks_are_watched_for_the_whole_time(quick: pytest.MonkeyPatch) -> None:
    fleet, begun = Fleet(one=[HEALTHY], two=[HEALTHY]), time.monotonic()
    assert watched(quick, Gate(soak=0.2), fleet) == {}
    assert time.monotonic() - begun >= 0.2
    assert fleet.looks["one"] >= 3


def test_without_a_time_they_are_looked_at_once(quick: pytest.MonkeyPatch) -> None:
    fleet = Fleet(one=[HEALTHY, STUCK])
    assert watched(quick, Gate(soak=0), fleet) == {}
    assert fleet.looks == {"one": 1}
    assert fleet.told == [{"one": HEALTHY}]


def test_a_pull_error_ends_it_at_once(quick: pytest.MonkeyPatch) -> None:
    fleet, begun = Fleet(good=[HEALTHY], bad=[HEALTHY, STUCK]), time.monotonic()
    assert watched(quick, Gate(soak=60), fleet) == {"bad": STUCK.pull_errors}
    assert time.monotonic() - begun < 10


def test_too_few_pods_for_a_moment_are_no_failure(quick: pytest.MonkeyPatch) -> None:
    fleet = Fleet(one=[HEALTHY, SHORT, HEALTHY])
    assert watched(quick, Gate(soak=0.2), fleet) == {}


def test_too_few_pods_for_long_are_one(quick: pytest.MonkeyPatch) -> None:
    found = watched(quick, Gate(soak=60), Fleet(one=[SHORT]))
    assert found == {"one": ("2 of 3 Pods are available (66.6%), and the gate asks for 100%",)}


def test_what_is_too_few_at_the_end_is_given_its_patience(quick: pytest.MonkeyPatch) -> None:
    assert watched(quick, Gate(soak=0), Fleet(one=[SHORT, HEALTHY])) == {}
    assert list(watched(quick, Gate(soak=0), Fleet(one=[SHORT]))) == ["one"]


def test_an_api_server_that_restarts_is_no_failure_and_one_that_is_gone_is(quick: pytest.MonkeyPatch) -> None:
    assert watched(quick, Gate(soak=0.2), Fleet(one=[AWAY, HEALTHY])) == {}
    assert watched(quick, Gate(soak=60), Fleet(one=[AWAY])) == {"one": AWAY.lines}


def test_one_that_refuses_the_credential_fails_at_once(quick: pytest.MonkeyPatch) -> None:
    assert watched(quick, Gate(soak=60), Fleet(one=[REFUSED])) == {"one": REFUSED.lines}


def test_a_budget_of_failures_lets_the_others_go_on_to_the_end(quick: pytest.MonkeyPatch) -> None:
    fleet = Fleet(good=[HEALTHY], bad=[STUCK])
    assert watched(quick, Gate(soak=0.2), fleet, budget=1) == {"bad": STUCK.pull_errors}
    assert fleet.looks["bad"] == 1
    assert fleet.looks["good"] >= 3


def test_it_can_be_ended_from_outside(quick: pytest.MonkeyPatch) -> None:
    over = Stop()
    threading.Timer(0.1, over.set).start()
    begun = time.monotonic()
    assert watched(quick, Gate(soak=60), Fleet(one=[HEALTHY]), over=over) == {}
    assert time.monotonic() - begun < 10


def test_all_stacks_that_make_no_plan_fail_before_the_first_look(quick: pytest.MonkeyPatch) -> None:
    broken(quick, "one", "two")
    fleet = Fleet(one=[HEALTHY], two=[HEALTHY], good=[HEALTHY])
    assert watched(quick, Gate(soak=60), fleet) == {
        "one": ("stacks/Pulumi.one.yaml: is missing",),
        "two": ("stacks/Pulumi.two.yaml: is missing",),
    }
    assert fleet.told == []


def test_one_that_makes_no_plan_fails_alone(quick: pytest.MonkeyPatch) -> None:
    broken(quick, "one")
    fleet, begun = Fleet(one=[HEALTHY], good=[HEALTHY]), time.monotonic()
    assert list(watched(quick, Gate(soak=0.2), fleet, budget=1)) == ["one"]
    assert time.monotonic() - begun >= 0.2
    assert fleet.looks["one"] == 0 and fleet.looks["good"] >= 3


def test_one_whose_cluster_nobody_here_can_reach_fails_alone(quick: pytest.MonkeyPatch) -> None:
    def clusters(planned: Any, *_: object) -> dict[str, object]:
        if planned.stack == "one":
            raise ClusterError("has no such context", "cluster one")
        return {}

    quick.setattr(cluster_access, "clusters", clusters)
    fleet = Fleet(one=[HEALTHY], good=[HEALTHY])
    assert watched(quick, Gate(soak=0), fleet, budget=1) == {"one": ("cluster one: has no such context",)}
    assert fleet.looks == {"one": 0, "good": 1}


def test_nobody_waits_where_all_have_failed_within_the_budget(quick: pytest.MonkeyPatch) -> None:
    begun = time.monotonic()
    assert list(watched(quick, Gate(soak=60), Fleet(one=[STUCK]), budget=1)) == ["one"]
    assert time.monotonic() - begun < 10


def broken(quick: pytest.MonkeyPatch, *stacks: str) -> None:
    whole = plan.of_stack

    def of_stack(stack: str, root: Path) -> Any:
        if stack in stacks:
            raise SettingsError("is missing", f"stacks/Pulumi.{stack}.yaml")
        return whole(stack, root)

    quick.setattr(plan, "of_stack", of_stack)
