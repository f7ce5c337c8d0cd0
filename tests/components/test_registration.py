"""What waits for a failure, as the engine hears of it where a run goes on."""

from __future__ import annotations

from collections.abc import Sequence

import pulumi
import pytest
from pulumi.runtime.stack import ResourceRegistrationFailed

from components.registration import leave_failures_to_the_engine
from tests.components.recording import Registered, declared, only


class Thing(pulumi.CustomResource):
    found: pulumi.Output[str]


def things(*, leave: bool) -> tuple[list[Registered], tuple[str, ...]]:
    """A thing that fails, one that waits for it, one that waits for the second and takes what the first has found.

    Returns what was registered, and the names of what failed.
    """
    failed: list[Sequence[str]] = []

    def declare() -> None:
        failed.append(leave_failures_to_the_engine() if leave else ())
        first = Thing("t:a:First", "first", {"found": None})
        second = Thing("t:a:Second", "second", {}, pulumi.ResourceOptions(depends_on=[first]))
        first.found.apply(lambda _: pytest.fail("nobody knows what it has found"))
        Thing("t:a:Third", "third", {"found": first.found}, pulumi.ResourceOptions(depends_on=[second]))

    registered = declared(declare, failed=("t:a:First",))
    return registered, tuple(urn.rpartition("::")[2] for urn in failed[0])


def test_what_waits_for_a_failure_is_registered_with_what_it_waits_for() -> None:
    """So the engine hears of it and skips it; the program hears of what failed, so that it does not end well."""
    found, failed = things(leave=True)
    assert failed == ("first",)
    assert [each.name for each in found] == ["first", "second", "third"]
    assert only(found, "t:a:Second").depends_on == ("first",)
    assert only(found, "t:a:Third").depends_on == ("first", "second")


def test_left_to_the_sdk_a_failure_ends_the_program() -> None:
    """Negative control: it raises, and the others are never registered."""
    with pytest.raises(ResourceRegistrationFailed):
        things(leave=False)
