"""How far a copy is."""

from __future__ import annotations

from hub2ghcr.cli.copy_tally import Tally
from hub2ghcr.copying import Copied, Job


def job(name: str, size: int) -> Job:
    return Job(f"docker.io/acme/{name}:1", f"ghcr.io/acme/{name}:1", "sha256:" + "0" * 64, size=size)


def test_what_is_ahead_counts_by_the_lock_what_is_there_not_at_all_and_what_is_known_as_it_is() -> None:
    time = [0.0]
    first, second, third = job("a", 100), job("b", 50), job("c", 0)
    tally = Tally([first, second, third], lambda: time[0])
    assert (tally.images, tally.total, tally.seconds_left) == (3, 150, None)
    tally.finish(Copied(second, "present"))
    assert (tally.finished, tally.total) == (1, 100)
    tally.expect(first, 0)
    tally.expect(third, 30)
    time[0] = 10.0
    tally.advance(first, 40)
    assert (tally.done, tally.total, tally.rate, tally.seconds_left) == (40, 130, 4.0, 22.5)
    tally.advance(first, -10)
    assert tally.active[first.target].done == 30
    tally.finish(Copied(first, "copied"))
    assert (tally.done, tally.total) == (30, 60)
