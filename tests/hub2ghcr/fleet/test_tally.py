"""The time that is left follows from the clusters that are done."""

from __future__ import annotations

from pathlib import Path

import pytest

from hub2ghcr.fleet.gates import Gate
from hub2ghcr.fleet.intents import Intent
from hub2ghcr.fleet.itinerary import Leg
from hub2ghcr.fleet.progress import ClusterBegun, ClusterEnded, GateBegun, GateEnded, GateLooked, RunBegun, WaveBegun
from hub2ghcr.fleet.tally import Tally
from hub2ghcr.fleet.turn import Turn


def leg(wave: str, count: int, soak: float) -> Leg:
    names = [f"{wave}-{number}" for number in range(count)]
    return Leg(wave, {each: each for each in names}, {each: Turn(each, Path()) for each in names}, 2, Gate(soak=soak))


def test_the_time_left_counts_clusters_under_way_waiting_ones_and_gates() -> None:
    tally = Tally()
    tally(RunBegun(Intent("up", "", "", (leg("one", 3, 60), leg("two", 5, 100)), 0)), 0)
    tally(WaveBegun("one", (), 2), 0)
    tally(ClusterBegun("one-0", "one", ""), 0)
    tally(ClusterBegun("one-1", "one", ""), 0)
    assert tally.left(5) is None and tally.total == 8
    tally(ClusterEnded("one-0", "one", "done", "", (), 10), 10)
    # one-1 is as good as done, one-2 takes 10; then the gate, three times two clusters, and a gate
    assert tally.left(10) == pytest.approx(0 + 10 + 60 + 30 + 100)
    tally(ClusterBegun("one-2", "one", ""), 10)
    assert tally.left(14) == pytest.approx(6 + 60 + 30 + 100)
    tally(ClusterEnded("one-1", "one", "failed", "", (), 10), 15)
    tally(ClusterEnded("one-2", "one", "done", "", (), 10), 20)
    assert (tally.done, tally.failed, tally.running) == (2, 1, {})
    tally(GateBegun("one", Gate(soak=60), ()), 20)
    assert tally.left(30) == pytest.approx(50 + 30 + 100)
    tally(GateLooked("one", 20, {}), 60)
    assert tally.left(60) == pytest.approx(20 + 30 + 100)
    tally(GateEnded("one", {}), 80)
    tally(WaveBegun("two", (), 2), 80)
    assert tally.left(80) == pytest.approx(30 + 100)
