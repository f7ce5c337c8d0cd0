"""Who waits for whom."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest

from hub2ghcr.fleet.lanes import prerequisites
from tests.hub2ghcr.fleet.fleets import fleet, large, wave


def run(after: Mapping[str, Sequence[str]], failing: str = "") -> list[set[str]]:
    """Run a fleet as an engine does that knows prerequisites alone: who runs at the same time, turn by turn."""
    done: set[str] = set()
    turns: list[set[str]] = []
    while ready := {each for each in after if each not in done | {failing} and done >= set(after[each])}:
        turns.append(ready)
        done |= ready
    return turns


def test_a_wave_is_dealt_to_lanes_and_waits_for_all_lanes_of_the_wave_before() -> None:
    assert prerequisites(fleet(wave("canary", "a", "b", "c"), wave("rest", "d", "e", "f", concurrency=1))) == {
        "a": (),
        "b": (),
        "c": ("a",),
        "d": ("b", "c"),
        "e": ("d",),
        "f": ("e",),
    }


def test_a_wave_with_fewer_clusters_than_lanes_is_waited_for_as_a_whole() -> None:
    assert prerequisites(fleet(wave("canary", "a", concurrency=9), wave("rest", "b", "c")))["c"] == ("a",)


@pytest.mark.parametrize("clusters", [100, 1000])
def test_no_wave_begins_before_the_one_before_is_done_and_no_more_run_than_it_says(clusters: int) -> None:
    found = large(clusters)
    turns = run(prerequisites(found))
    assert {each for turn in turns for each in turn} == {each.name for each in found.clusters}
    begun = [next(wave.name for wave in found.waves if each in {one.name for one in wave.clusters})
             for turn in turns for each in sorted(turn)]  # fmt: skip
    assert begun == sorted(begun, key=["canary", "region", "rest"].index)
    assert max(map(len, turns)) <= 32
    assert len(turns[0]) == 2


def test_one_that_fails_keeps_back_all_waves_behind_it() -> None:
    found = large(100)
    ran = {each for turn in run(prerequisites(found), failing="cluster-00003") for each in turn}
    assert ran < {each.name for each in found.waves[0].clusters}


def test_ten_thousand_clusters_need_about_as_many_lines() -> None:
    assert sum(map(len, prerequisites(large(10_000)).values())) < 11_000
