"""How far a command is, on stderr, as soon as it takes longer than a moment."""

from __future__ import annotations

import sys
import threading
import time
from types import TracebackType
from typing import Final, Self

import click

MOMENT: Final = 2.0
"""Seconds in which nothing is said."""
OFTEN: Final = 0.2
"""Seconds between two counts on a terminal."""
SELDOM: Final = 10.0
"""Seconds between two lines elsewhere."""


class Counting:
    """Says ``what`` is done and how much of it: on a terminal in one line that goes away, else in plain lines."""

    def __init__(self, what: str) -> None:
        self._what = what
        self._lock = threading.Lock()
        self._terminal = sys.stderr.isatty()
        self._next = time.monotonic() + MOMENT
        self._shown = False

    def __call__(self, done: int, total: int) -> None:
        """Take note of how many are done, from any thread."""
        with self._lock:
            now = time.monotonic()
            if now < self._next or done == total:
                return
            self._next = now + (OFTEN if self._terminal else SELDOM)
            self._shown = True
            line = f"{self._what}: {done} of {total}"
            click.echo(f"\r{line}" if self._terminal else line, err=True, nl=not self._terminal)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        if self._shown and self._terminal:
            click.echo("\r\x1b[K", err=True, nl=False)
