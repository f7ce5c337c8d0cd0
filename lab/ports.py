"""Ports of a lab: chosen free once, then kept, so that a lab that is started again is found where it was."""

from __future__ import annotations

import json
import socket
from pathlib import Path


def port(state: Path, name: str) -> int:
    """The loopback TCP port of ``name`` in this lab: the kept one, else a free one that is kept from now on."""
    book = state / "ports.json"
    kept: dict[str, int] = json.loads(book.read_text()) if book.exists() else {}
    if name not in kept:
        kept[name] = _free(exclude=set(kept.values()))
        state.mkdir(parents=True, exist_ok=True)
        draft = book.with_suffix(".tmp")
        draft.write_text(json.dumps(kept, indent=2, sort_keys=True))
        draft.replace(book)
    return kept[name]


def _free(exclude: set[int]) -> int:
    while True:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            number: int = probe.getsockname()[1]
        if number not in exclude:
            return number
