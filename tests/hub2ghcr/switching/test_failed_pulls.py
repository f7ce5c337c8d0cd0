"""The rule by which end-to-end tests count failed pulls: one exception, and no wider than it is."""

from __future__ import annotations

from typing import Any

import pytest

from tests.e2e.pulls import Failed, failed
from tests.hub2ghcr.switching.test_rollout import BACK_OFF, RACE

STARTED = {"reason": "Started", "message": "Started container web"}
MESSAGE = 'Failed to pull image "ghcr.io/acme/web:1": 403'
PULL = {"reason": "Failed", "message": MESSAGE}


def pod(uid: str, *told: dict[str, Any]) -> list[dict[str, Any]]:
    return [{**each, "involvedObject": {"kind": "Pod", "uid": uid}} for each in told]


@pytest.mark.parametrize(
    ("events", "found"),
    [
        (pod("a", STARTED), Failed((), ())),
        (pod("a", RACE, PULL, BACK_OFF, STARTED), Failed((), (MESSAGE,))),
        (pod("a", PULL, STARTED), Failed((MESSAGE,), ())),
        (pod("a", RACE, PULL, BACK_OFF), Failed((MESSAGE,), ())),
        (pod("a", RACE, PULL, PULL, STARTED), Failed((MESSAGE, MESSAGE), ())),
        (pod("a", RACE, {**PULL, "count": 2}, STARTED), Failed((MESSAGE,), ())),
        (pod("a", PULL, STARTED) + pod("b", RACE, STARTED), Failed((MESSAGE,), ())),
    ],
    ids=["none", "raced", "no race", "never ran", "failed again", "failed again, counted", "another Pod's race"],
)
def test_a_failed_pull_counts_unless_that_very_pod_was_too_early_once_and_ran(
    events: list[dict[str, Any]], found: Failed
) -> None:
    assert failed(events) == found


def test_only_images_of_the_name_are_looked_at() -> None:
    events = pod("a", PULL)
    assert failed(events, "ghcr.io/acme").counts == (MESSAGE,)
    assert failed(events, "docker.io/") == Failed((), ())
