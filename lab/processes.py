"""Background processes of a lab: started once, watched until healthy, stopped by the ids that were kept.

Each process has a record ``run/<name>.json`` (process id and its start time in the kernel's clock ticks, so that a
reused id is never taken for ours) and a log ``logs/<name>.log``, both below the lab's state folder.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from lab.errors import LabError
from lab.ports import taken

POLL = 0.05
"""Seconds between two looks at a process."""

LOG_TAIL = 20
"""Lines of a log that an error shows."""


@dataclass(frozen=True)
class Daemon:
    """One long-running program of the lab.

    ``name`` is unique in a lab. ``ready`` returns None once the program serves, else what is still missing, and may
    raise ``OSError`` meanwhile. ``deadline`` is in seconds. ``env`` is added to this process's environment. ``ports``
    are the loopback TCP ports that it will listen on: they must be free before it starts.
    """

    name: str
    argv: tuple[str, ...]
    ready: Callable[[], str | None]
    env: Mapping[str, str] = field(default_factory=dict)
    deadline: float = 30.0
    ports: tuple[int, ...] = ()


@dataclass(frozen=True)
class Status:
    """What is known of one process: its name, its id, and whether it runs."""

    name: str
    pid: int
    running: bool


def start(state: Path, daemon: Daemon) -> None:
    """Start a process unless it already runs, and wait until it is ready.

    Raises ``LabError`` with the end of its log when it ends early or is not ready in time (it is stopped first), and
    when one of its ports is taken by another program.
    """
    start_all(state, (daemon,))


def start_all(state: Path, daemons: Sequence[Daemon]) -> None:
    """Start several processes at the same time, then wait for each; the errors are those of ``start``."""
    for daemon in daemons:
        _launch(state, daemon)
    for daemon in daemons:
        _wait(state, daemon)


def stop(state: Path, name: str, *, grace: float = 10.0) -> None:
    """End a process by its kept id, first asked, then killed after ``grace`` seconds; a stopped one is left alone."""
    record = _record(state, name)
    pid = _alive(record)
    if pid:
        os.kill(pid, signal.SIGTERM)
        if not _gone(record, grace):
            os.kill(pid, signal.SIGKILL)
            _gone(record, grace)
    record.unlink(missing_ok=True)


def status(state: Path) -> list[Status]:
    """Every process this lab has a record of, sorted by name."""
    records = sorted((state / "run").glob("*.json"))
    return [Status(record.stem, _kept(record)[0], _alive(record) != 0) for record in records]


def log_path(state: Path, name: str) -> Path:
    """Where a process writes what it prints."""
    return state / "logs" / f"{name}.log"


def log_tail(state: Path, name: str, lines: int = LOG_TAIL) -> tuple[str, ...]:
    """The last lines of a process's log, none if it has none."""
    try:
        text = log_path(state, name).read_text(errors="replace")
    except FileNotFoundError:
        return ()
    return tuple(text.splitlines()[-lines:])


def _launch(state: Path, daemon: Daemon) -> None:
    record = _record(state, daemon.name)
    if _alive(record):
        return
    for number in daemon.ports:
        # Else the other program might answer the health check in its place.
        if taken(number):
            raise LabError(
                f"{daemon.name}: port {number} of 127.0.0.1 is taken by another program",
                remedy=f"end that program ('ss -ltnp' names it), or remove the port from {state / 'ports.json'}",
            )
    record.parent.mkdir(parents=True, exist_ok=True)
    log = log_path(state, daemon.name)
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as sink:
        try:
            child = subprocess.Popen(
                daemon.argv,
                stdin=subprocess.DEVNULL,
                stdout=sink,
                stderr=subprocess.STDOUT,
                env={**os.environ, **daemon.env},
                start_new_session=True,
            )
        except OSError as error:
            raise LabError(f"{daemon.name}: cannot start {daemon.argv[0]}: {error.strerror}") from error
    _write(record, child.pid)


def _wait(state: Path, daemon: Daemon) -> None:
    missing: str | None = "no answer yet"
    end = time.monotonic() + daemon.deadline
    while time.monotonic() < end:
        if not _alive(_record(state, daemon.name)):
            raise LabError(
                f"{daemon.name} ended before it was ready",
                remedy=f"the whole log: {log_path(state, daemon.name)}",
                details=log_tail(state, daemon.name),
            )
        try:
            missing = daemon.ready()
        except OSError as error:
            missing = str(error)
        if missing is None:
            return
        time.sleep(POLL)
    details = log_tail(state, daemon.name)
    stop(state, daemon.name)
    raise LabError(
        f"{daemon.name} was not ready within {daemon.deadline:.0f} s: {missing}",
        remedy=f"the whole log: {log_path(state, daemon.name)}",
        details=details,
    )


def _record(state: Path, name: str) -> Path:
    return state / "run" / f"{name}.json"


def _write(record: Path, pid: int) -> None:
    draft = record.with_suffix(".tmp")
    draft.write_text(json.dumps({"pid": pid, "started": _started(pid)}))
    draft.replace(record)


def _kept(record: Path) -> tuple[int, int]:
    """Process id and start time of a record; zeros for none, or one that cannot be read."""
    try:
        kept = json.loads(record.read_text())
        return int(kept["pid"]), int(kept["started"])
    except (FileNotFoundError, ValueError, TypeError, KeyError):
        return 0, 0


def _alive(record: Path) -> int:
    """The id of the recorded process if that very process still runs, else 0."""
    pid, started = _kept(record)
    return pid if pid and _started(pid) == started != 0 else 0


def _gone(record: Path, seconds: float) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if not _alive(record):
            return True
        time.sleep(POLL)
    return False


def _started(pid: int) -> int:
    """Start time of a live process in clock ticks since boot; 0 for none or a zombie (proc(5), field 22 of stat)."""
    try:
        os.waitpid(pid, os.WNOHANG)
    except OSError:
        pass
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0
    return 0 if fields[0] == "Z" else int(fields[19])
