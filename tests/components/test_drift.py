"""What diffs see of live objects, where they have to, and where they may."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from components import cluster_access, drift
from hub2ghcr.errors import ClusterError, Refused

PROPS = {"cluster": "demo"}


class Server:
    """A cluster that answers, or does not, and counts who asks."""

    def __init__(self, answers: bool = True) -> None:
        self.answers, self.asked = answers, 0

    def version(self) -> str:
        self.asked += 1
        if not self.answers:
            raise ClusterError("is unreachable")
        return "v1"


@pytest.fixture
def reach(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Server], Server]]:
    def to(server: Server) -> Server:
        monkeypatch.setattr(cluster_access, "cluster", lambda _: server)
        return server

    yield to
    drift.excuse("demo", False)


def fails(error: ClusterError) -> Callable[[], bool]:
    def look() -> bool:
        raise error

    return look


def test_what_a_cluster_does_not_tell_fails_unless_it_is_excused(reach: Callable[[Server], Server]) -> None:
    reach(Server())
    with pytest.raises(ClusterError, match="unreachable"):
        drift.drifted(PROPS, fails(ClusterError("is unreachable")))
    drift.excuse("demo", True)
    assert drift.drifted(PROPS, fails(ClusterError("is unreachable"))) is False
    drift.excuse("demo", False)
    with pytest.raises(ClusterError, match="unreachable"):
        drift.drifted(PROPS, fails(ClusterError("is unreachable")))


@pytest.mark.parametrize("changed", [True, False])
def test_one_that_answers_is_seen_as_it_is_excused_or_not(reach: Callable[[Server], Server], changed: bool) -> None:
    server = reach(Server())
    assert drift.drifted(PROPS, lambda: changed) is changed
    drift.excuse("demo", True)
    assert [drift.drifted(PROPS, lambda: changed) for _ in range(3)] == [changed] * 3
    assert server.asked == 1


def test_one_that_is_silent_is_waited_for_once(reach: Callable[[Server], Server]) -> None:
    server = reach(Server(answers=False))
    drift.excuse("demo", True)
    assert [drift.drifted(PROPS, lambda: True) for _ in range(3)] == [False] * 3
    assert server.asked == 1


def test_one_that_falls_silent_is_not_asked_again_and_one_that_says_no_is(reach: Callable[[Server], Server]) -> None:
    reach(Server())
    drift.excuse("demo", True)
    assert drift.drifted(PROPS, fails(Refused("may not get deployments"))) is False
    assert drift.drifted(PROPS, lambda: True) is True
    assert drift.drifted(PROPS, fails(ClusterError("is unreachable"))) is False
    assert drift.drifted(PROPS, lambda: True) is False


def test_clusters_are_excused_by_name(reach: Callable[[Server], Server]) -> None:
    reach(Server(answers=False))
    drift.excuse("demo", True)
    other: dict[str, Any] = {"cluster": "other"}
    assert drift.drifted(other, lambda: True) is True
