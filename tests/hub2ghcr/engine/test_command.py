"""The engine's process: all that it says is heard, and nobody is waited for once it has ended."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from hub2ghcr.engine import Failed, Run, RunOptions, command
from hub2ghcr.engine.run import KILLED

SAYS = "for i in $(seq 200); do echo line $i; echo error $i >&2; done"
OUTLIVED = f"{SAYS}; sleep 30 &"
"""What it has begun keeps its pipes open."""

Begin = Callable[[str], command.Command]


@pytest.fixture
def begin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Begin:
    """Makes a ``pulumi`` of a shell script."""

    def made(script: str) -> command.Command:
        path = tmp_path / "pulumi"
        path.write_text(
            f'#!/bin/sh\necho "$*" >>{tmp_path}/called.txt\n[ "$1" = version ] && echo v3.256.0 && exit\n{script}\n'
        )
        path.chmod(0o755)
        monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
        return command.Command()

    return made


@pytest.mark.parametrize("script", [SAYS, OUTLIVED], ids=["ended", "outlived"])
def test_all_that_the_engine_said_is_heard_though_it_has_ended(
    begin: Begin, script: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever listens is slow, as on a machine that has other things to do."""
    monkeypatch.setattr(command, "SILENCE", 0.5)
    begun = time.monotonic()
    done = begin(script).run(["up"], str(tmp_path), {}, on_output=lambda _: time.sleep(0.005))
    assert done.stdout.splitlines() == [f"line {each}" for each in range(1, 201)]
    assert done.stderr.splitlines() == [f"error {each}" for each in range(1, 201)]
    assert time.monotonic() - begun < 20


def test_a_run_is_one_call_where_somebody_has_checked_the_version(
    begin: Begin, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each call of the engine is a fifth of a second of processor time, and a fleet has hundreds of stacks."""
    monkeypatch.chdir(tmp_path)
    version = begin("exit 0").version
    Run("a", tmp_path).up(RunOptions(), lambda _: None)
    Run("a", tmp_path, version).up(RunOptions(), lambda _: None)
    called = (tmp_path / "called.txt").read_text().splitlines()
    assert [each.removeprefix("--non-interactive ").split()[0] for each in called] == ["version"] * 2 + ["up"] * 2


@pytest.mark.parametrize(("times", "left"), [(1, False), (2, True)])
def test_a_run_that_is_interrupted_twice_has_to_be_recovered(
    begin: Begin, tmp_path: Path, times: int, left: bool
) -> None:
    """The second time the engine leaves what it was doing, and its state does not know how that ended."""
    heard = f"trap 'n=$((n+1)); touch {tmp_path}/heard$n' INT; touch {tmp_path}/heard0"
    begin(f"n=0; {heard}; until [ $n = {times} ]; do sleep 0.02; done; exit 1")
    run = Run("a", tmp_path)

    def interrupt() -> None:
        for number in range(times):
            while not (tmp_path / f"heard{number}").exists():
                time.sleep(0.01)
            run.interrupt()

    thread = threading.Thread(target=interrupt, daemon=True)
    thread.start()
    with pytest.raises(Failed) as failed:
        run.up(RunOptions(), lambda _: None)
    assert any(line.startswith(KILLED) for line in failed.value.problems) is left
