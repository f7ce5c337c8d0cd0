"""From one stack to many."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bench.fleet.model import ENGINES, SOAK, Engine, Measured, cost, waves

MEASURED = Measured(
    wall=6.0,
    cpu=8.0,
    idle=4.0,
    preview=5.0,
    memory=500.0,
    state=40_000,
    history=50_000,
    kubernetes=60,
    looked=3,
    ghcr=10,
    hub=0,
    github=0,
    setup=30.0,
)
HERE = Engine("here", 2, 2)


@pytest.mark.parametrize(
    ("clusters", "sizes"), [(1, (1,)), (10, (10,)), (50, (10, 5, 35)), (1000, (10, 100, 890)), (0, ())]
)
def test_a_fleet_has_canaries_a_tenth_and_the_rest(clusters: int, sizes: tuple[int, ...]) -> None:
    assert waves(clusters) == sizes
    assert sum(sizes) == clusters


def test_lanes_that_share_cores_take_their_processor_time() -> None:
    # 8 s of processor time for each of 1,000 on 2 cores: more than 500 turns of 6 s
    assert cost(MEASURED, HERE, 1000).seconds == pytest.approx(1000 * 8 / 2 + 3 * SOAK)


def test_more_lanes_than_cores_are_no_faster() -> None:
    assert cost(MEASURED, Engine("more", 64, 2), 1000).seconds == pytest.approx(cost(MEASURED, HERE, 1000).seconds)


def test_machines_of_their_own_take_as_long_as_the_longest_lane_and_what_sets_them_up() -> None:
    turns = 1 + 10 + 89
    assert cost(MEASURED, Engine("own", 10), 1000).seconds == pytest.approx(turns * 6 + 3 * SOAK)
    assert cost(MEASURED, Engine("own", 10, 0, -1), 1000).seconds == pytest.approx(turns * (6 + 30) + 3 * SOAK)


def test_a_job_for_many_stacks_is_set_up_once() -> None:
    found = cost(MEASURED, Engine("jobs", 10, 0, 20), 1000)
    assert found.seconds == pytest.approx((1 + 10 + 89) * 6 + (1 + 2 + 2) * 30 + 3 * SOAK)
    assert found.machine == pytest.approx((1000 * 6 + (10 + 20 + 20) * 30) / 3600)


@pytest.mark.parametrize("engine", ENGINES, ids=lambda each: each.name)
def test_what_is_stored_and_asked_grows_with_the_clusters_alone(engine: Engine) -> None:
    one, ten = cost(MEASURED, engine, 1000), cost(MEASURED, engine, 10_000)
    for name in ("cpu", "state", "history", "kubernetes", "ghcr", "hub", "github"):
        assert getattr(ten, name) == pytest.approx(10 * getattr(one, name))
    assert ten.memory == one.memory


def test_a_gate_s_looks_are_counted() -> None:
    looked = cost(MEASURED, HERE, 1000).kubernetes - cost(replace(MEASURED, looked=0), HERE, 1000).kubernetes
    assert looked == 1000 * 61 * 3


def test_the_busiest_minute_is_that_of_full_lanes() -> None:
    # 2 lanes on 2 cores: a stack takes 8 s, and 10 requests
    assert cost(MEASURED, HERE, 1000).ghcr_minute == pytest.approx(2 * 10 * 60 / 8)
