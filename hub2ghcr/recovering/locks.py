"""The locks of a stack in a file backend, and whether the process that took one is proven dead.

The engine writes one file for each lock, ``.pulumi/locks/organization/PROJECT/STACK/ID.json``, with ``pid``,
``hostname``, ``username`` and ``timestamp`` (pulumi v3.256, ``pkg/backend/diy/lock.go``). Other backends keep locks
where nobody but the engine looks.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit

from ..errors import EngineError
from .machine import Machine

SLACK: Final = 2.0
"""Seconds by which a process may seem to begin after the lock it took: boot time is known in whole seconds."""


class Unknown(EngineError):
    """A lock of which nobody here can say whether its process is dead."""


@dataclass(frozen=True, slots=True)
class Lock:
    """One lock: its file, and who took it when."""

    path: Path
    pid: int
    host: str
    user: str
    since: datetime

    def __str__(self) -> str:
        return f"{self.user}@{self.host}, pid {self.pid}, since {self.since:%Y-%m-%d %H:%M:%S %Z}".rstrip()

    def dead(self, machine: Machine) -> bool:
        """Whether the process that took it is proven dead: none of its number, or one that began later.

        Raises:
            Unknown: it ran on another machine.
        """
        if self.host != machine.host:
            what = f"the lock was taken on another machine ({self}): only there it can be proven dead"
            remedy = f"run this on {self.host}, or if no run is on there, add `--lock-is-dead`"
            raise Unknown(what, str(self.path), remedy=remedy)
        started = machine.started(self.pid)
        return started is None or started > self.since.timestamp() + SLACK


def find(backend: str, project: str, stack: str) -> tuple[Lock, ...]:
    """Return the locks of a stack, sorted.

    Args:
        backend: the URL that ``pulumi whoami`` tells.
        project: the name in ``Pulumi.yaml``.
        stack: the stack's name.

    Raises:
        Unknown: no file backend, or a lock that cannot be read.
    """
    url = urlsplit(backend)
    if url.scheme != "file":
        remedy = "if no run is on, add `--lock-is-dead`"
        raise Unknown("locks of this backend cannot be judged from here", "backend", f"{url.scheme}://…", remedy)
    return tuple(sorted(_read(Path(unquote(url.path)), project, stack), key=lambda lock: (lock.since, str(lock.path))))


def _read(root: Path, project: str, stack: str) -> Iterator[Lock]:
    locks = root / ".pulumi" / "locks"
    for folder in (locks / "organization" / project / stack, locks / stack):  # the second: before there were projects
        for path in sorted(folder.glob("*.json")):
            try:
                found = json.loads(path.read_text())
                since = datetime.fromisoformat(str(found["timestamp"])[:19] + _zone(str(found["timestamp"])))
                yield Lock(path, int(found["pid"]), str(found["hostname"]), str(found["username"]), since)
            except FileNotFoundError:
                continue  # its run has just ended
            except (OSError, ValueError, KeyError, TypeError):
                raise Unknown("a lock that cannot be read", str(path), remedy="is a run on? else remove it") from None


def _zone(timestamp: str) -> str:
    """Return the zone of a timestamp as Go writes it, with nine digits behind the second."""
    rest = timestamp[19:].lstrip(".0123456789")
    return "+00:00" if rest in ("Z", "") else rest
