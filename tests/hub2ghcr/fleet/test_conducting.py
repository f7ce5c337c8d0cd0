"""A run goes wave by wave, stops where too much fails, and each step of it stands in the ledger."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from hub2ghcr.errors import ClusterError, EngineError
from hub2ghcr.fleet.conducting import Conductor
from hub2ghcr.fleet.gates import Gate, Health
from hub2ghcr.fleet.history import FleetRun
from hub2ghcr.fleet.intents import Intent, Narrow, resumed
from hub2ghcr.fleet.itinerary import Leg
from hub2ghcr.fleet.ledger import Ledger
from hub2ghcr.fleet.progress import GateLooked, Progress, RunEnded, WaveBegun
from hub2ghcr.fleet.remembered import history
from hub2ghcr.fleet.turn import Turn
from tests.hub2ghcr.fleet.fleets import fleet, wave
from tests.hub2ghcr.fleet.interrupting import survives
from tests.hub2ghcr.fleet.working import take

ROOT = Path(__file__).parents[3]


def leg(root: Path, wave: str, *stacks: str, gate: Gate | None = None, concurrency: int = 2) -> Leg:
    turns = {stack: Turn(stack, root, "cutover") for stack in stacks}
    return Leg(wave, {stack: stack for stack in stacks}, turns, concurrency, gate)


class Watching:
    """Looks at clusters; some are not let through."""

    def __init__(self, **failing: str) -> None:
        self.failing = failing
        self.looked: list[tuple[tuple[str, ...], int]] = []
        self.meanwhile: Callable[[], object] = lambda: None

    def __call__(self, stacks: Iterable[str], *_: object, budget: int, told: Any, **__: object) -> Any:
        names = tuple(stacks)
        self.looked.append((names, budget))
        told(0.0, {name: Health(1, 2) for name in names})
        self.meanwhile()
        return {name: (self.failing[name],) for name in names if name in self.failing}


def conduct(
    root: Path,
    *legs: Leg,
    budget: int | None = 0,
    watch: Any = None,
    told: Callable[[Progress], object] = lambda _: None,
    begun: Callable[[Conductor], object] = lambda _: None,
    of: str = "",
) -> tuple[str, FleetRun]:
    with Ledger(root) as ledger:
        conductor = Conductor(root, ledger, told, work=take, watch=watch or Watching())
        begun(conductor)
        ending = conductor.run(Intent("up", of, "cutover", legs, budget), "sha256:1")
    found = history(root).last
    assert found and found.ending == ending
    return ending, found


def endings(run: FleetRun) -> Mapping[str, str]:
    return {each.cluster: each.ending for each in run.clusters}


def test_waves_follow_each_other_and_every_turn_is_written_down(tmp_path: Path) -> None:
    told: list[Progress] = []
    ending, run = conduct(tmp_path, leg(tmp_path, "one", "a"), leg(tmp_path, "two", "b", "c"), told=told.append)
    assert ending == "done"
    assert endings(run) == {"a": "done", "b": "done", "c": "done"}
    assert {(each.before, each.after, each.wave) for each in run.clusters} == {
        ("prepare", "cutover", "one"),
        ("prepare", "cutover", "two"),
    }
    kinds = [each for each in told if isinstance(each, WaveBegun | RunEnded)]
    assert kinds == [WaveBegun("one", ("a",), 2), WaveBegun("two", ("b", "c"), 2), RunEnded("done", (), ())]


def test_more_failures_than_the_budget_halt_the_fleet(tmp_path: Path) -> None:
    told: list[Progress] = []
    legs = (leg(tmp_path, "one", "fails-1", "a", concurrency=1), leg(tmp_path, "two", "b"))
    ending, run = conduct(tmp_path, *legs, told=told.append)
    assert (ending, endings(run)) == ("halted", {"fails-1": "failed"})
    assert run.clusters[0].problems == ("no access",)
    assert told[-1] == RunEnded("halted", ("fails-1",), ("a", "b"))


def test_failures_within_the_budget_let_the_fleet_go_on(tmp_path: Path) -> None:
    legs = (leg(tmp_path, "one", "fails-1", "a"), leg(tmp_path, "two", "b", "fails-2", "c", concurrency=1))
    ending, run = conduct(tmp_path, *legs[:1], leg(tmp_path, "two", "b"), budget=1)
    assert (ending, endings(run)) == ("incomplete", {"fails-1": "failed", "a": "done", "b": "done"})
    ending, run = conduct(tmp_path, *legs, budget=1)
    assert ending == "halted" and "c" not in endings(run)


def test_a_way_back_tries_every_cluster(tmp_path: Path) -> None:
    ending, run = conduct(tmp_path, leg(tmp_path, "one", "fails-1", "fails-2", "a", concurrency=1), budget=None)
    assert (ending, list(endings(run).values())) == ("incomplete", ["failed", "failed", "done"])


def test_a_process_that_dies_is_a_failed_cluster_and_no_dead_fleet(tmp_path: Path) -> None:
    ending, run = conduct(tmp_path, leg(tmp_path, "one", "dies", "a"), leg(tmp_path, "two", "b"), budget=1)
    assert (ending, endings(run)) == ("incomplete", {"dies": "killed", "a": "done", "b": "done"})
    (dies,) = (each for each in run.clusters if each.cluster == "dies")
    assert dies.problems == ("its process ended (signal 9); `hub2ghcr fleet resume` recovers it",)


def test_what_fails_before_its_phase_is_known_is_written_down_too(tmp_path: Path) -> None:
    _, run = conduct(tmp_path, leg(tmp_path, "one", "unknown"))
    assert [(each.ending, each.before, each.problems) for each in run.clusters] == [("failed", "", ("no such stack",))]


def test_a_gate_looks_at_what_was_done_and_halts_the_fleet(tmp_path: Path) -> None:
    watch, told = Watching(a="1 of 2 Pods"), list[Progress]()
    legs = (leg(tmp_path, "one", "a", "fails-1", gate=Gate()), leg(tmp_path, "two", "b"))
    ending, run = conduct(tmp_path, *legs, budget=1, watch=watch, told=told.append)
    assert ending == "halted" and set(endings(run)) == {"a", "fails-1"}
    assert watch.looked == [(("a",), 0)]  # the failure has spent the budget
    assert run.gates[0].failed == {"a": ("1 of 2 Pods",)} and run.gates[0].ended
    assert GateLooked("one", 0.0, {"a": Health(1, 2)}) in told


def test_a_gate_that_cannot_look_lets_nobody_through(tmp_path: Path) -> None:
    def watch(*_: object, **__: object) -> Any:
        raise ClusterError("is away", "cluster a")

    ending, run = conduct(tmp_path, leg(tmp_path, "one", "a", gate=Gate()), watch=watch)
    assert (ending, run.gates[0].failed) == ("halted", {"a": ("cluster a: is away",)})


def test_no_gate_is_asked_of_a_wave_of_which_nothing_is_left(tmp_path: Path) -> None:
    watch = Watching()
    conduct(tmp_path, leg(tmp_path, "one", "fails-1", gate=Gate()), leg(tmp_path, "two", "a"), budget=1, watch=watch)
    assert watch.looked == []


def test_an_interrupted_run_ends_its_turns_in_order_and_begins_no_further_one(tmp_path: Path) -> None:
    def begun(conductor: Conductor) -> None:
        def interrupt() -> None:
            until(tmp_path / "slow-1.pid")
            conductor.interrupt()

        threading.Thread(target=interrupt).start()

    ending, run = conduct(tmp_path, leg(tmp_path, "one", "slow-1", "slow-2"), leg(tmp_path, "two", "b"), begun=begun)
    assert ending == "interrupted"
    assert set(endings(run).values()) == {"failed"} and "b" not in endings(run)
    assert (tmp_path / "slow-1.ended").exists()


def test_an_interrupted_gate_says_nothing_and_is_asked_again(tmp_path: Path) -> None:
    watch = Watching(a="1 of 2 Pods")

    def begun(conductor: Conductor) -> None:
        watch.meanwhile = conductor.interrupt

    ending, run = conduct(tmp_path, leg(tmp_path, "one", "a", gate=Gate()), watch=watch, begun=begun)
    assert (ending, run.gates[0].ended) == ("interrupted", None)
    going_on = resumed(fleet(wave("one", "a")), tmp_path, Narrow(), history(tmp_path))
    assert [(each.wave, dict(each.turns)) for each in going_on.legs] == [("one", {})]
    ending, run = conduct(tmp_path, *going_on.legs, watch=watch, of=run.id)
    assert watch.looked == [(("a",), 0), (("a",), 0)]
    assert (ending, run.gates[0].failed) == ("halted", {"a": ("1 of 2 Pods",)})


def test_a_signal_at_any_moment_of_a_gate_ends_it(tmp_path: Path) -> None:
    conductors: list[Conductor] = []
    survived: list[bool] = []

    def watch(*_: object, over: Any, **__: object) -> dict[str, tuple[str, ...]]:
        survived.append(survives(lambda: over.wait(60.0), conductors[0].interrupt))
        return {}

    ending, _ = conduct(tmp_path, leg(tmp_path, "one", "a", gate=Gate()), watch=watch, begun=conductors.append)
    assert survived == [True]
    assert ending == "interrupted"


def test_turns_of_a_run_that_was_killed_end_in_order_and_hold_the_ledger_until_then(tmp_path: Path) -> None:
    with killed(tmp_path, "slow-1"):
        pass
    with Ledger(tmp_path, patience=20.0):
        assert (tmp_path / "slow-1.ended").exists()
    found = history(tmp_path).last
    assert found and found.ending == "" and found.clusters[0].ended is None


def test_nobody_begins_while_a_turn_of_a_killed_run_goes_on(tmp_path: Path) -> None:
    with killed(tmp_path, "slow-1") as worker:
        os.kill(worker, signal.SIGSTOP)
    try:
        with pytest.raises(EngineError, match="a run of the fleet is on"):
            Ledger(tmp_path)
    finally:
        os.kill(worker, signal.SIGCONT)
    Ledger(tmp_path, patience=20.0).__exit__()


def until(path: Path) -> None:
    end = time.monotonic() + 30
    while not path.exists() or not path.read_text():
        assert time.monotonic() < end, path
        time.sleep(0.02)


@contextmanager
def killed(root: Path, stack: str) -> Iterator[int]:
    """A run of its own whose one turn goes on, in that process; killed with -9 when the block ends."""
    code = (
        "import sys, pathlib; from tests.hub2ghcr.fleet.test_conducting import conduct, leg\n"
        "root = pathlib.Path(sys.argv[1]); conduct(root, leg(root, 'one', sys.argv[2]))"
    )
    run = subprocess.Popen([sys.executable, "-c", code, str(root), stack], cwd=ROOT)
    try:
        until(root / f"{stack}.pid")
        yield int((root / f"{stack}.pid").read_text())
    finally:
        run.kill()
        run.wait()
