"""One cluster's turn: where it came from is told before anything changes, and a failure is a result."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from semver import VersionInfo

from hub2ghcr.engine import Outcome, State
from hub2ghcr.errors import EngineError, Problems
from hub2ghcr.fleet import turn as turns
from hub2ghcr.fleet.turn import Begun, Ended, Planned, Turn, take
from hub2ghcr.plan import Plan


class Talk:
    """The run's end of a channel, and all that happened in its order."""

    def __init__(self, goes_on: bool = True) -> None:
        self.goes_on = goes_on
        self.log: list[object] = []

    def say(self, message: object) -> None:
        self.log.append(message)

    def ask(self, message: object) -> bool:
        self.log.append(message)
        return self.goes_on

    def interrupted_by(self, interrupt: Callable[[], object]) -> None: ...


class Engine:
    """A stack whose last run reached its end in phase ``seal``."""

    def __init__(self, stack: str, root: Path, checked: VersionInfo | None) -> None:
        if stack == "broken":
            raise EngineError("pulumi cannot be run", "PATH")
        self.stack = stack

    def state(self) -> State:
        return State((), (), "seal" if self.stack == "sealed" else "")

    def interrupt(self) -> None: ...


@pytest.fixture
def play(monkeypatch: pytest.MonkeyPatch) -> Callable[..., tuple[Ended, list[object]]]:
    """Takes a turn whose change ends as told."""

    def played(
        turn: Turn, outcome: Outcome | Exception, goes_on: bool = True, recovered: Callable[..., object] | None = None
    ) -> tuple[Ended, list[object]]:
        talk = Talk(goes_on)

        def change(wanted: Any, root: Path, run: Any, told: Any, agreed: Any, known: State | None) -> Outcome:
            talk.log.append((wanted.stack, wanted.phase, wanted.rollback))
            if isinstance(outcome, Exception):
                raise outcome
            assert agreed(Plan(wanted.stack, "cutover", "copy", (), (), None, (), ()), "", "cutover")
            return outcome

        monkeypatch.setattr(turns, "Run", Engine)
        monkeypatch.setattr(turns, "change", change)
        monkeypatch.setattr(
            turns, "recover_stack", recovered or (lambda *_, **more: talk.log.append(("recovered", more)))
        )
        return take(turn, talk), talk.log  # type: ignore[arg-type]

    return played


def test_where_a_cluster_came_from_is_told_before_it_changes(play: Any, tmp_path: Path) -> None:
    ended, log = play(Turn("sealed", tmp_path, "cutover", rollback=True), Outcome("done", "cutover"))
    assert ended == Ended("done", "cutover")
    assert log == [Begun("seal"), ("sealed", "cutover", True), Planned("cutover", 0, 0, 0)]


def test_a_stack_that_never_ran_came_from_prepare(play: Any, tmp_path: Path) -> None:
    assert play(Turn("new", tmp_path), Outcome("done", "cutover"))[1][0] == Begun("prepare")


def test_a_killed_turn_is_recovered_before_it_changes(play: Any, tmp_path: Path) -> None:
    _, log = play(Turn("a", tmp_path, recover=True, lock_is_dead=True), Outcome("done", "cutover"))
    assert log[1] == ("recovered", {"lock_is_dead": True, "patience": 60.0})


def test_nothing_is_changed_where_nobody_wrote_down_the_beginning(play: Any, tmp_path: Path) -> None:
    ended, log = play(Turn("a", tmp_path), Outcome("done", "cutover"), goes_on=False)
    assert (ended, log) == (Ended("failed", "", ("the run was interrupted",)), [Begun("prepare")])


def test_failures_are_results(play: Any, tmp_path: Path) -> None:
    ended, log = play(Turn("broken", tmp_path), Outcome("done", "cutover"))
    assert (ended.ending, ended.problems, log) == ("failed", ("PATH: pulumi cannot be run",), [])
    problems = Problems([EngineError("two"), EngineError("one")])
    assert play(Turn("a", tmp_path), problems)[0].problems == ("one", "two")


def test_an_engine_that_was_killed_has_to_be_recovered(play: Any, tmp_path: Path) -> None:
    problems = ("the engine was killed; run `hub2ghcr recover -s a`",)
    assert play(Turn("a", tmp_path), Outcome("failed", "prepare", True, problems))[0].ending == "killed"
    assert play(Turn("a", tmp_path), Outcome("rolled back", "prepare", True, ("no",)))[0].ending == "rolled back"


@pytest.mark.parametrize("why", ["the engine", "the recovery", "nobody"])
def test_a_killed_turn_that_was_not_recovered_has_to_be_the_next_time(play: Any, tmp_path: Path, why: str) -> None:
    """Taken for a failure, the next `fleet resume --lock-is-dead` would run into the lock that it was to take off."""

    def refused(*_: object, **__: object) -> None:
        raise EngineError("locks of this backend cannot be judged from here", remedy="add `--lock-is-dead`")

    turn = Turn("broken" if why == "the engine" else "a", tmp_path, recover=True)
    recovered = refused if why == "the recovery" else None
    ended, _ = play(turn, Outcome("done", "cutover"), why != "nobody", recovered)
    assert (ended.ending, ended.after) == ("killed", "") and ended.problems


def test_the_state_is_read_once_and_the_engines_version_not_at_all(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Each is a call of the engine, and a turn with nothing to do is short."""
    talk, read = Talk(), State((), (), "seal")
    checked: list[object] = []

    class Once(Engine):
        def __init__(self, stack: str, root: Path, checked_: VersionInfo | None) -> None:
            checked.append(checked_)
            super().__init__(stack, root, checked_)

    def change(*arguments: Any) -> Outcome:
        assert arguments[-1] == read
        return Outcome("done", "seal")

    monkeypatch.setattr(turns, "Run", Once)
    monkeypatch.setattr(turns, "change", change)
    take(Turn("sealed", tmp_path), talk, VersionInfo(3, 256, 0))  # type: ignore[arg-type]
    assert checked == [VersionInfo(3, 256, 0)]
