"""What a run of a fleet shows: a table on a terminal, plain lines elsewhere, or one JSON object a line on stdout."""

from __future__ import annotations

import json
import sys
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import asdict
from types import TracebackType
from typing import Any, Final, Literal, Self

import click

from ..amounts import duration
from ..fleet.progress import ClusterSaid, Progress, RunBegun
from ..fleet.tally import Tally
from .fleet_lines import line
from .lasting import Lasting

QUIET: Final = 10.0
"""Seconds after which a line says what is under way, while nothing else is said."""
SHOWN: Final = 5
"""Clusters that such a line names."""

STDOUT, STDERR = 1, 2
Told = Callable[[Progress], None]


def shown(output: Literal["text", "json"]) -> AbstractContextManager[Told]:
    """Return what shows a run, as long as somebody looks."""
    if output == "json":
        return Lasting(Objects(), STDOUT)
    if sys.stderr.isatty():
        from .fleet_table import Table

        return Lasting(Table(), STDERR)
    return Lasting(Lines(), STDERR)


class Lines:
    """One line for each thing that happened, and one at least every ten seconds."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._over = threading.Event()
        self._tally = Tally()
        self._said = time.monotonic()
        self._thread = threading.Thread(target=self._watch, name="progress", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self._over.set()
        self._thread.join()

    def __call__(self, progress: Progress) -> None:
        """Say it."""
        with self._lock:
            now = time.monotonic()
            self._tally(progress, now)
            for each in line(progress, self._tally, now):
                self._say(each)

    def _watch(self) -> None:
        while not self._over.wait(1.0):
            with self._lock:
                now = time.monotonic()
                if now - self._said < QUIET or not self._tally.running:
                    continue
                running = sorted(self._tally.running.items(), key=lambda each: each[1])
                names = ", ".join(f"{name} ({duration(now - since)})" for name, since in running[:SHOWN])
                more = f" and {len(running) - SHOWN} more" if len(running) > SHOWN else ""
                self._say(f"under way: {names}{more}")

    def _say(self, text: str) -> None:
        self._said = time.monotonic()
        click.echo(text, err=True)


class Objects:
    """One JSON object a line: its ``event``, and what belongs to it."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        pass

    def __call__(self, progress: Progress) -> None:
        """Say it."""
        click.echo(json.dumps(data(progress)))


def data(progress: Progress) -> dict[str, Any]:
    """Return what happened as JSON has it."""
    event = type(progress).__name__
    match progress:
        case RunBegun(intent):
            waves = {wave: list(names) for wave, names in intent.waves.items()}
            more = {"command": intent.command, "phase": intent.phase, "budget": intent.budget, "waves": waves}
        case ClusterSaid(cluster, what):
            more = {"cluster": cluster, "what": type(what).__name__, **asdict(what)}
        case _:
            more = asdict(progress)
    return {"event": event[0].lower() + event[1:], **more}
