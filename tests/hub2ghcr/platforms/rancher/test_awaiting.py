"""A copy is waited for as long as Rancher may take, and not longer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hub2ghcr.credentials import Credential
from hub2ghcr.platforms.rancher.awaiting import SECONDS, awaited, not_copied

from .pretending import ROBOT, SECRET, Clustered, copy, secret

WANTED = {"ghcr.io": ROBOT}


class Time:
    """Passes only while somebody sleeps; ``then`` happens at some second."""

    def __init__(self, then: Callable[[float], object] = lambda _: None) -> None:
        self.now, self.then = 0.0, then

    def sleep(self, seconds: float) -> None:
        self.now += seconds
        self.then(self.now)

    def __call__(self) -> float:
        return self.now


def wait(cluster: Clustered, time: Time) -> dict[str, Any] | None:
    return awaited(cluster, "shop", SECRET.name, WANTED, time.sleep, time)


def test_a_copy_that_is_there_is_taken_at_once() -> None:
    time = Time()
    assert wait(Clustered(copy("shop")), time) is not None
    assert time.now == 0


def test_a_copy_that_comes_or_is_renewed_meanwhile_is_waited_for() -> None:
    for first in ([], [copy("shop", Credential("robot", "old-value"))]):
        cluster = Clustered(*first)

        def renew(now: float, cluster: Clustered = cluster) -> None:
            if now >= 3:
                cluster.objects["v1", "Secret", "shop", SECRET.name] = copy("shop")

        time = Time(renew)
        assert wait(cluster, time) == copy("shop")
        assert 3 <= time.now < 4


def test_what_does_not_come_is_given_up_and_an_old_copy_is_returned_as_it_is() -> None:
    time = Time()
    assert wait(Clustered(), time) is None
    assert SECONDS <= time.now < SECONDS + 2
    old = wait(Clustered(copy("shop", Credential("robot", "old-value"))), Time())
    assert old is not None
    broken = wait(Clustered({**copy("shop"), "data": {".dockerconfigjson": "%"}}), Time())
    assert broken is not None


def test_a_secret_that_is_no_copy_is_none() -> None:
    assert wait(Clustered(secret("shop")), Time()) is None


def test_a_missing_copy_names_the_place_and_where_to_look() -> None:
    line = str(not_copied("prod", "shop", "hub2ghcr-project", "c-abc12:p-xyz34"))
    assert line.startswith("cluster prod, namespace shop: Rancher has not copied Secret hub2ghcr-project of project")
    assert "\n" not in line
