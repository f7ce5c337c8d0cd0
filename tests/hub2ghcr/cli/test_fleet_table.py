"""The table that moves, frame by frame."""

from __future__ import annotations

import io
from collections.abc import Iterator
from itertools import count

import pytest
from rich.console import Console

from hub2ghcr.cli import fleet_table
from hub2ghcr.fleet.gates import Gate
from hub2ghcr.fleet.intents import Intent
from hub2ghcr.fleet.itinerary import Leg
from hub2ghcr.fleet.progress import GateBegun, GateEnded, GateLooked, RunBegun

LEG = Leg("canary", {"one": "one"}, {}, 1)


@pytest.fixture
def table(monkeypatch: pytest.MonkeyPatch) -> fleet_table.Table:
    """A table whose clock goes on by a second a frame."""
    seconds: Iterator[int] = count()
    monkeypatch.setattr("time.monotonic", lambda: float(next(seconds)))
    return fleet_table.Table(Console(file=io.StringIO()))


def frame(table: fleet_table.Table) -> str:
    console = Console(file=io.StringIO(), width=100)
    console.print(table.drawn())
    return console.file.getvalue()  # type: ignore[attr-defined, no-any-return]


def test_before_a_run_begins_nothing_is_counted(table: fleet_table.Table) -> None:
    assert frame(table) == "the fleet's run begins …\n"


def test_the_time_that_a_gate_has_left_runs_down_between_two_looks(table: fleet_table.Table) -> None:
    table(RunBegun(Intent("up", "", "cutover", (LEG,), 0)))
    table(GateBegun("canary", Gate(soak=30.0), ("one",)))
    table(GateLooked("canary", 30.0, {}))
    assert ["gate, 29 s left" in frame(table), "gate, 28 s left" in frame(table)] == [True, True]
    table(GateEnded("canary", {}))
    assert "gate passed" in frame(table)
