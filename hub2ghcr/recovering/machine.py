"""This machine's processes, as far as they prove that a run is over: read from ``/proc`` (man 5 proc)."""

from __future__ import annotations

import os
import signal
import socket
from dataclasses import dataclass
from pathlib import Path
from typing import Final

TICKS: Final = os.sysconf("SC_CLK_TCK")
"""Clock ticks a second, the unit of a process's start."""


@dataclass(frozen=True, slots=True)
class Machine:
    """A machine by its host name, with its ``/proc``."""

    host: str
    proc: Path = Path("/proc")

    @classmethod
    def this(cls) -> Machine:
        """Return the one we run on."""
        return cls(socket.gethostname())

    def started(self, pid: int) -> float | None:
        """Return when a process began, in seconds since 1970; None if there is no such process, or it has ended."""
        fields = self._fields(pid)
        return None if fields is None else self._booted() + int(fields[19]) / TICKS

    def of_session(self, session: int) -> tuple[int, ...]:
        """Return the processes of a session, sorted."""
        pids = sorted(int(each.name) for each in self.proc.iterdir() if each.name.isdigit())
        return tuple(pid for pid in pids if (fields := self._fields(pid)) and int(fields[3]) == session)

    def end(self, pid: int, how: signal.Signals) -> None:
        """Send a signal; to one that has ended meanwhile, none."""
        try:
            os.kill(pid, how)
        except ProcessLookupError:
            pass

    def _fields(self, pid: int) -> list[str] | None:
        """Return what stands behind the name in ``stat``: the state, then parent, group and session."""
        try:
            text = (self.proc / str(pid) / "stat").read_text()
        except OSError:
            return None
        fields = text.rpartition(")")[2].split()
        return None if fields[0] in "ZX" else fields  # a zombie does nothing any more

    def _booted(self) -> float:
        text = (self.proc / "stat").read_text()
        return float(next(line.split()[1] for line in text.splitlines() if line.startswith("btime ")))
