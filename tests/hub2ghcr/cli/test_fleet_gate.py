"""The gate as a command: its answer is an exit code, and every reason a line."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from click.testing import CliRunner, Result

from hub2ghcr.cli.fleet_gate import command
from hub2ghcr.errors import Problems, SettingsError
from hub2ghcr.fleet import reading, soak
from tests.hub2ghcr.fleet.fleets import fleet, wave
from tests.hub2ghcr.fleet.interrupting import survives

Answer = dict[str, tuple[str, ...]]
Gate = Callable[..., Result]


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> Gate:
    """Runs the command on a wave that gives such an answer."""

    def ran(answer: Answer, *arguments: str) -> Result:
        monkeypatch.setattr(reading, "load", lambda _: fleet(wave("canary", "one", "two"), wave("rest", "three")))
        monkeypatch.setattr(soak, "watch", lambda *_, **__: answer)
        monkeypatch.setattr("signal.signal", lambda *_: None)
        return CliRunner().invoke(command, arguments)

    return ran


def test_a_wave_that_is_as_its_gate_asks_lets_the_next_one_begin(gate: Gate) -> None:
    done = gate({}, "--wave", "canary")
    assert (done.exit_code, done.stdout) == (0, "wave canary: 2 clusters are as its gate asks\n")


def test_one_that_is_not_is_told_cluster_by_cluster(gate: Gate) -> None:
    done = gate({"one": ("2 of 3 Pods are available", "Pod web-1: ErrImagePull")}, "--wave", "canary")
    assert done.exit_code == 1
    assert done.stderr.splitlines() == [
        "error: one: 2 of 3 Pods are available",
        "error: one: Pod web-1: ErrImagePull",
    ]


def test_json_has_the_same(gate: Gate) -> None:
    done = gate({"one": ("a",)}, "--wave", "canary", "--output", "json")
    assert json.loads(done.stdout) == {"wave": "canary", "passed": False, "problems": {"one": ["a"]}}


def test_a_wave_that_is_not_there_is_named_with_those_that_are(gate: Gate) -> None:
    done = gate({}, "--wave", "none")
    assert isinstance(done.exception, Problems)
    assert [type(each) for each in done.exception] == [SettingsError]
    assert str(done.exception) == "--wave: no such wave: 'none'; the waves are canary, rest"


def test_a_signal_at_any_moment_of_the_wait_ends_it(monkeypatch: pytest.MonkeyPatch) -> None:
    handlers: list[Callable[..., object]] = []
    survived: list[bool] = []

    def watch(*_: object, over: Any, **__: object) -> Answer:
        survived.append(survives(lambda: over.wait(60.0), lambda: handlers[0](0, None)))
        return {}

    monkeypatch.setattr(reading, "load", lambda _: fleet(wave("canary", "one")))
    monkeypatch.setattr(soak, "watch", watch)
    monkeypatch.setattr("signal.signal", lambda _, handler: handlers.append(handler))
    done = CliRunner().invoke(command, ["--wave", "canary"])
    assert survived == [True]
    assert (done.exit_code, done.stderr) == (130, "error: interrupted before the soak time was over\n")
