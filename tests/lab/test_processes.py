"""Background processes of a lab."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from lab import processes
from lab.errors import LabError
from lab.processes import Daemon

SLEEPER = (sys.executable, "-c", "import time; print('serving', flush=True); time.sleep(60)")
STUBBORN = (
    sys.executable,
    "-c",
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); time.sleep(60)",
)


@pytest.fixture
def state(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path
    for entry in processes.status(tmp_path):
        processes.stop(tmp_path, entry.name, grace=0)


def sleeper(name: str = "part", argv: tuple[str, ...] = SLEEPER, *, ports: tuple[int, ...] = ()) -> Daemon:
    return Daemon(name, argv, ready=lambda: None, ports=ports)


def pid_of(state: Path, name: str = "part") -> int:
    return next(entry.pid for entry in processes.status(state) if entry.name == name)


def test_started_twice_is_started_once(state: Path) -> None:
    processes.start(state, sleeper())
    first = pid_of(state)
    processes.start(state, sleeper())
    assert pid_of(state) == first


def test_a_killed_process_is_started_again(state: Path) -> None:
    processes.start(state, sleeper())
    first = pid_of(state)
    os.kill(first, 9)
    wait_for(lambda: not processes.status(state)[0].running)
    processes.start(state, sleeper())
    assert pid_of(state) != first
    assert processes.status(state)[0].running


def test_several_processes_come_up_side_by_side(state: Path) -> None:
    processes.start_all(state, [sleeper("b"), sleeper("a")])
    assert [(entry.name, entry.running) for entry in processes.status(state)] == [("a", True), ("b", True)]


def test_an_early_end_is_told_with_the_end_of_the_log(state: Path) -> None:
    argv = (sys.executable, "-c", "print('no such database')")
    with pytest.raises(LabError, match="part ended before it was ready") as caught:
        processes.start(state, Daemon("part", argv, ready=lambda: "not yet"))
    assert caught.value.details == ("no such database",)
    assert str(processes.log_path(state, "part")) in caught.value.remedy


def test_what_is_not_ready_in_time_is_told_and_stopped(state: Path) -> None:
    with pytest.raises(LabError, match=r"not ready within 1 s: no leader yet") as caught:
        processes.start(state, Daemon("part", SLEEPER, ready=lambda: "no leader yet", deadline=1))
    assert caught.value.details == ("serving",)
    assert processes.status(state) == []


def test_a_health_check_that_cannot_connect_is_asked_again(state: Path) -> None:
    answers: list[OSError | None] = [ConnectionRefusedError("refused"), TimeoutError("slow"), None]

    def ready() -> str | None:
        answer = answers.pop(0)
        if answer:
            raise answer
        return None

    processes.start(state, Daemon("part", SLEEPER, ready=ready))
    assert answers == []


def test_a_taken_port_is_told_before_anything_starts(state: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        number = other.getsockname()[1]
        with pytest.raises(LabError, match=f"part: port {number} of 127.0.0.1 is taken"):
            processes.start(state, sleeper(ports=(number,)))
    assert processes.status(state) == []
    processes.start(state, sleeper(ports=(number,)))  # free again: the control


def test_a_missing_program_is_told_by_its_path(state: Path) -> None:
    with pytest.raises(LabError, match="cannot start /no/such/program: No such file"):
        processes.start(state, sleeper(argv=("/no/such/program",)))


def test_stop_ends_the_process_and_forgets_it(state: Path) -> None:
    processes.start(state, sleeper())
    pid = pid_of(state)
    processes.stop(state, "part")
    assert not Path(f"/proc/{pid}").exists()
    assert processes.status(state) == []
    processes.stop(state, "part")  # twice is as good as once


def test_a_process_deaf_to_asking_is_killed(state: Path) -> None:
    processes.start(state, sleeper(argv=STUBBORN))
    wait_for(lambda: processes.log_tail(state, "part") == ("deaf",))
    pid = pid_of(state)
    processes.stop(state, "part", grace=0.2)
    assert not Path(f"/proc/{pid}").exists()


def test_a_reused_process_id_is_never_taken_for_ours(state: Path) -> None:
    with subprocess.Popen(["sleep", "60"]) as stranger:
        try:
            record = state / "run" / "part.json"
            record.parent.mkdir()
            record.write_text(json.dumps({"pid": stranger.pid, "started": 1}))
            assert not processes.status(state)[0].running
            processes.stop(state, "part")
            assert stranger.poll() is None
        finally:
            stranger.kill()


def test_a_cut_record_counts_as_not_running(state: Path) -> None:
    (state / "run").mkdir()
    (state / "run" / "part.json").write_text("{")
    assert [entry.running for entry in processes.status(state)] == [False]
    processes.start(state, sleeper())
    assert processes.status(state)[0].running


def wait_for(condition: object, seconds: float = 5) -> None:
    assert callable(condition)
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "not in time"
        time.sleep(0.02)
