"""What diffs see of live objects, where they have to, and where they do not look."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from components import drift
from hub2ghcr.errors import ClusterError

PROPS = {"cluster": "demo"}


@pytest.fixture(autouse=True)
def strict() -> Iterator[None]:
    yield
    drift.excuse("demo", False)


def unreachable() -> bool:
    raise ClusterError("is unreachable")


@pytest.mark.parametrize("changed", [True, False])
def test_one_that_is_not_excused_is_seen_as_it_is(changed: bool) -> None:
    assert drift.drifted(PROPS, lambda: changed) is changed


def test_one_that_is_excused_is_not_asked_whether_it_would_answer_or_not() -> None:
    """The control: what is not excused any more fails."""
    drift.excuse("demo", True)
    assert drift.drifted(PROPS, lambda: True) is False
    assert drift.drifted(PROPS, unreachable) is False
    drift.excuse("demo", False)
    with pytest.raises(ClusterError, match="unreachable"):
        drift.drifted(PROPS, unreachable)


def test_clusters_are_excused_by_name() -> None:
    drift.excuse("demo", True)
    assert drift.drifted({"cluster": "other"}, lambda: True) is True
