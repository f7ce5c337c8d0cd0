"""What a gate lets through."""

from __future__ import annotations

import pytest

from hub2ghcr.fleet.gates import Gate, Health, judge


@pytest.mark.parametrize(
    ("gate", "health", "said"),
    [
        (Gate(), Health(), ()),
        (Gate(), Health(3, 3), ()),
        (Gate(0.75), Health(3, 4), ()),
        (Gate(1, pull_errors=2), Health(3, 3, ("a", "b")), ()),
        (Gate(1, pull_errors=1), Health(3, 3, ("a", "b")), ("a", "b")),
        (Gate(0.8), Health(3, 4), ("3 of 4 Pods are available (75%), and the gate asks for 80%",)),
        (Gate(), Health(1999, 2000), ("1999 of 2000 Pods are available (99.9%), and the gate asks for 100%",)),
        (Gate(), Health(0, 1, ("a",)), ("0 of 1 Pods are available (0%), and the gate asks for 100%", "a")),
    ],
)
def test_it_lets_through_what_is_as_it_asks_and_says_why_not_else(
    gate: Gate, health: Health, said: tuple[str, ...]
) -> None:
    assert judge(gate, health) == said


def test_a_stack_that_wants_no_pods_is_available() -> None:
    assert Health().availability == 1.0


def test_the_health_of_namespaces_adds_up() -> None:
    assert Health(1, 2, ("a",)) + Health(3, 3, ("b",)) == Health(4, 5, ("a", "b"))
