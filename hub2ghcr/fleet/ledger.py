"""The ledger of a fleet: what ran where, one JSON object a line, on the disk before the work goes on.

``.hub2ghcr/fleet.jsonl`` is this machine's and in no repository. One run at a time has it open for writing: the lock is
the kernel's, held by the run and by each process that works for it, so that nobody begins while one of them lives.
"""

from __future__ import annotations

import fcntl
import json
import os
import socket
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from ..errors import EngineError
from ..token_shapes import redacted
from .history import Command, Ending, RunEnding

PLACE: Final = ".hub2ghcr/fleet.jsonl"
IGNORED: Final = "# what ran on this machine is nobody else's\n*\n"
PROBLEMS: Final = 50
"""Lines of problems that are kept of one cluster's turn."""


class Ledger:
    """A project's ledger, open for one run.

    Args:
        root: the project's folder.
        patience: seconds to wait for the processes of a run that was killed: they end by themselves.

    Raises:
        EngineError: another run is on.
    """

    def __init__(self, root: Path, patience: float = 0.0) -> None:
        path = root / PLACE
        path.parent.mkdir(exist_ok=True)
        if not (ignored := path.parent / ".gitignore").exists():
            ignored.write_text(IGNORED)
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        try:
            _lock(self._file, patience)
        except BaseException:
            os.close(self._file)
            raise
        self._untear()
        self.run = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        os.close(self._file)

    def fileno(self) -> int:
        """Return what holds the lock, for processes that work for this run."""
        return self._file

    def run_begun(
        self,
        command: Command,
        of: str,
        phase: str,
        fleet: str,
        budget: int,
        waves: Mapping[str, Sequence[str]],
        *,
        commit: str,
        dirty: bool,
    ) -> str:
        """Begin a run, and return its id; ``of`` is the run that it goes on with, empty where it begins something."""
        now = datetime.now(UTC)
        self.run = f"{now:%Y%m%dT%H%M%S.%f}"
        self._write(
            "run begun",
            now,
            version=1,
            command=command,
            of=of or self.run,
            phase=phase,
            commit=commit,
            dirty=dirty,
            fleet=fleet,
            pid=os.getpid(),
            host=socket.gethostname(),
            budget=budget,
            waves={wave: list(names) for wave, names in waves.items()},
        )
        return self.run

    def cluster_begun(self, cluster: str, wave: str, stack: str, before: str) -> None:
        """Write that a cluster begins; nothing of it may have been changed yet."""
        self._write("cluster begun", cluster=cluster, wave=wave, stack=stack, before=before)

    def cluster_ended(self, cluster: str, ending: Ending, after: str, problems: Sequence[str]) -> None:
        """Write how a cluster ended."""
        self._write("cluster ended", cluster=cluster, ending=ending, after=after, problems=_kept(problems))

    def gate_begun(self, wave: str, clusters: Sequence[str]) -> None:
        """Write that these clusters of a wave are looked at from now on."""
        self._write("gate begun", wave=wave, clusters=list(clusters))

    def gate_ended(self, wave: str, failed: Mapping[str, Sequence[str]]) -> None:
        """Write which clusters the gate did not let through, and why."""
        self._write("gate ended", wave=wave, failed={name: _kept(lines) for name, lines in failed.items()})

    def run_ended(self, ending: RunEnding) -> None:
        """Write how the run ended."""
        self._write("run ended", ending=ending)

    def _write(self, record: str, at: datetime | None = None, **more: Any) -> None:
        now = (at or datetime.now(UTC)).isoformat(timespec="milliseconds")
        line = json.dumps({"record": record, "run": self.run, "at": now, **more})
        data = f"{line}\n".encode("ascii")  # what UTF-8 has no bytes for is escaped, too: names of files may hold it
        while data:
            data = data[os.write(self._file, data) :]
        os.fsync(self._file)

    def _untear(self) -> None:
        """Cut off a last line that was not written to its end."""
        size = end = os.fstat(self._file).st_size
        while end:
            begin = max(0, end - 4096)
            found = os.pread(self._file, end - begin, begin).rfind(b"\n")
            if found >= 0:
                end = begin + found + 1
                break
            end = begin
        if end != size:
            os.ftruncate(self._file, end)


def _kept(problems: Sequence[str]) -> list[str]:
    return [redacted(each) for each in problems[:PROBLEMS]]


def _lock(file: int, patience: float) -> None:
    until = time.monotonic() + patience
    while True:
        try:
            return fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= until:
                remedy = "wait for it; `hub2ghcr fleet status` tells how far it is"
                raise EngineError("a run of the fleet is on", PLACE, remedy=remedy) from None
        time.sleep(0.2)
