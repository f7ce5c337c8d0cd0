"""Locks of a file backend, and the proof that their processes are dead."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from hub2ghcr.errors import EngineError
from hub2ghcr.recovering import Lock, Machine, Unknown, find, release


def written(root: Path, pid: int, host: str, timestamp: str, folder: str = "organization/p/s") -> Path:
    path = root / ".pulumi/locks" / folder / f"{pid}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"pid": pid, "username": "me", "hostname": host, "timestamp": timestamp}))
    (path.parent / f"{pid}.json.attrs").write_text("{}")
    return path


def now(seconds: float = 0) -> str:
    return datetime.fromtimestamp(time.time() + seconds, UTC).isoformat()


def test_locks_are_found_where_the_engine_writes_them(tmp_path: Path) -> None:
    written(tmp_path, 7, "h", "2026-11-21T14:47:55.123456789+02:00")
    written(tmp_path, 8, "h", "2026-11-21T12:47:56Z", "s")
    written(tmp_path, 9, "h", now(), "organization/p/other")
    found = find(f"file://{tmp_path}?no_tmp_dir=true", "p", "s")
    assert [(each.pid, each.since.astimezone(UTC).isoformat()) for each in found] == [
        (7, "2026-11-21T12:47:55+00:00"),
        (8, "2026-11-21T12:47:56+00:00"),
    ]


def test_another_backend_or_a_broken_lock_is_nobodys_to_judge(tmp_path: Path) -> None:
    with pytest.raises(Unknown, match="s3://"):
        find("s3://bucket?secret=x", "p", "s")
    written(tmp_path, 7, "h", "soon")
    with pytest.raises(Unknown, match="cannot be read"):
        find(f"file://{tmp_path}", "p", "s")


@pytest.fixture
def child() -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"], start_new_session=True)


def lock(path: Path) -> Lock:
    (found,) = find(f"file://{path.parents[5]}", "p", "s")
    return found


def test_only_a_dead_process_gives_its_lock_up(tmp_path: Path, child: subprocess.Popen[bytes]) -> None:
    machine = Machine.this()
    path = written(tmp_path, child.pid, machine.host, now())
    with pytest.raises(EngineError, match=f"a run is on .*pid {child.pid}"):
        release([lock(path)], machine)
    assert path.exists()
    child.kill()
    child.wait()
    release([lock(path)], machine)
    assert list(path.parent.iterdir()) == []  # what the engine wrote beside it is gone, too


def test_a_zombie_is_dead(tmp_path: Path, child: subprocess.Popen[bytes]) -> None:
    machine = Machine.this()
    child.kill()
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    assert lock(written(tmp_path, child.pid, machine.host, now())).dead(machine)
    child.wait()


def test_a_number_that_another_process_has_now_is_a_dead_one(tmp_path: Path, child: subprocess.Popen[bytes]) -> None:
    machine = Machine.this()
    assert lock(written(tmp_path, child.pid, machine.host, now(-3600))).dead(machine)
    child.kill()
    child.wait()


def test_another_machines_lock_is_not_judged(tmp_path: Path) -> None:
    path = written(tmp_path, 1, "elsewhere", now())
    with pytest.raises(Unknown, match=r"run this on elsewhere.*--lock-is-dead"):
        release([lock(path)], Machine.this())
    assert path.exists()


def test_what_a_dead_engine_had_started_is_ended_first(tmp_path: Path) -> None:
    """The leader of a session dies, and a program it started lives on."""
    code = "import subprocess,sys; p=subprocess.Popen(['sleep','60']); print(p.pid, flush=True); sys.stdin.read()"
    leader = subprocess.Popen(
        [sys.executable, "-c", code], start_new_session=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert leader.stdout is not None
    left = int(leader.stdout.readline())
    leader.kill()
    leader.wait()
    machine = Machine.this()
    assert machine.of_session(leader.pid) == (left,)
    release([lock(written(tmp_path, leader.pid, machine.host, now()))], machine)
    assert machine.of_session(leader.pid) == ()


def test_a_session_that_has_the_number_of_a_dead_engine_is_left_alone(
    tmp_path: Path, child: subprocess.Popen[bytes]
) -> None:
    """No program of the engine can be left: as long as one is, its session's number is given to nobody else."""
    machine = Machine.this()
    path = written(tmp_path, child.pid, machine.host, now(-3600))
    release([lock(path)], machine)
    assert not path.exists()
    assert child.poll() is None
    child.kill()
    child.wait()
