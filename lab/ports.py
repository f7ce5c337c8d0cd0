"""Ports of a lab: chosen free once, then kept, so that a lab that is started again is found where it was."""

from __future__ import annotations

import fcntl
import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lab.errors import LabError


def port(state: Path, name: str) -> int:
    """The loopback TCP port of ``name`` in this lab: the kept one, else a free one that is kept from now on.

    Raises ``LabError`` when the book of ports in the state folder cannot be read.
    """
    book = state / "ports.json"
    with _locked(state):
        kept = _read(book)
        if name not in kept:
            kept[name] = _free(exclude=set(kept.values()))
            draft = book.with_suffix(".tmp")
            draft.write_text(json.dumps(kept, indent=2, sort_keys=True))
            draft.replace(book)
        return kept[name]


def taken(number: int, host: str = "127.0.0.1") -> bool:
    """Whether some program listens on this TCP port."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, number))
        except OSError:
            return True
    return False


@contextmanager
def _locked(state: Path) -> Iterator[None]:
    # Parts of a lab may be started by several processes at once: without the lock two names could get one port.
    state.mkdir(parents=True, exist_ok=True)
    with (state / "ports.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _read(book: Path) -> dict[str, int]:
    try:
        kept: dict[str, int] = {str(name): int(number) for name, number in json.loads(book.read_text()).items()}
    except FileNotFoundError:
        return {}
    except (ValueError, TypeError, AttributeError) as error:
        raise LabError(
            f"{book}: not a book of ports: {error}", remedy="run 'python3 -m lab down', then delete it"
        ) from error
    return kept


def _free(exclude: set[int]) -> int:
    while True:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            number: int = probe.getsockname()[1]
        if number not in exclude:
            return number
