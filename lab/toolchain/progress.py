"""What a person sees of long work: one line a step, ticking on a terminal, repeated now and then in a log."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

REPEAT = 15.0
"""Seconds between two lines of a running step where the output is no terminal."""


_running: list[str] = []
"""The steps that are under way, the outer ones first: only the innermost ticks."""


def duration(seconds: float) -> str:
    """Seconds as people read them: ``0.4 s``, ``12 s``, ``4 min 12 s``."""
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest:02d} s" if minutes else f"{rest} s"


def say(line: str, *, out: TextIO | None = None) -> None:
    """Print one line for the person who waits. It goes to stderr: stdout is for results."""
    print(line, file=out or sys.stderr, flush=True)


@contextmanager
def step(line: str, *, out: TextIO | None = None, repeat: float = REPEAT) -> Iterator[None]:
    """Show that ``line`` is being done, and for how long, until the block ends."""
    out = out or sys.stderr
    terminal = out.isatty()
    begun = time.monotonic()
    over = threading.Event()

    def show(end: str) -> None:
        spent = duration(time.monotonic() - begun)
        print(f"\r\033[K{line} … {spent}" if terminal else f"{line} … {spent}", end=end, file=out, flush=True)

    def tick() -> None:
        while not over.wait(1.0 if terminal else repeat):
            if _running[-1:] == [line]:
                show("" if terminal else "\n")

    if terminal and _running:
        say("", out=out)
    _running.append(line)
    if terminal:
        show("")
    else:
        say(f"{line} …", out=out)
    ticker = threading.Thread(target=tick, daemon=True)
    ticker.start()
    try:
        yield
    except BaseException:
        end = "  failed\n"
        raise
    else:
        end = "  done\n"
    finally:
        over.set()
        ticker.join()
        _running.remove(line)
        show(end)
