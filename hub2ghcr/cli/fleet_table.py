"""A table on a terminal that moves while a fleet is changed; what has happened scrolls by above it."""

from __future__ import annotations

import threading
import time
from collections import Counter
from types import TracebackType
from typing import Final, Self

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table as Grid
from rich.text import Text

from ..amounts import duration
from ..engine import Step
from ..fleet.itinerary import Leg
from ..fleet.progress import ClusterBegun, ClusterEnded, ClusterSaid, GateEnded, GateLooked, Progress, RunBegun
from ..fleet.tally import Tally
from .fleet_lines import counted, line

MOVES: Final = 4
"""Times a second that the table is drawn."""
ROWS: Final = 20
"""Clusters under way that it shows."""


class Table:
    """Waves with how far each is, and the clusters under way with what each is at."""

    def __init__(self, console: Console | None = None) -> None:
        self._console = console or Console(stderr=True, highlight=False)
        self._lock = threading.Lock()
        self._tally = Tally()
        self._legs: tuple[Leg, ...] = ()
        self._at: dict[str, str] = {}
        self._gates: dict[str, float | str] = {}  # when its time is over, then what it said
        self._live = Live(console=self._console, refresh_per_second=MOVES, transient=True, get_renderable=self.drawn)

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self._live.stop()

    def __call__(self, progress: Progress) -> None:
        """Take note of it, and say what stays said."""
        with self._lock:
            now = time.monotonic()
            self._tally(progress, now)
            match progress:
                case RunBegun(intent):
                    self._legs = intent.legs
                case ClusterSaid(cluster, Step() as step) if step.moment == "begun" and step.changes:
                    self._at[cluster] = f"{step.stage}: {step.type} {step.name}"
                case GateLooked(wave, left):
                    self._gates[wave] = now + left
                case GateEnded(wave, failed):
                    self._gates[wave] = f"gate stopped {len(failed)}" if failed else "gate passed"
            lines = [] if isinstance(progress, ClusterBegun | GateLooked) else [*line(progress, self._tally, now)]
            if isinstance(progress, ClusterEnded):
                self._at.pop(progress.cluster, None)
        for each in lines:
            self._console.print(Text(each), soft_wrap=True)

    def drawn(self) -> RenderableType:
        """Return the table as it is now."""
        with self._lock:
            now = time.monotonic()
            if not self._legs:
                return Text("the fleet's run begins …", style="bold")
            return Group(Text(counted(self._tally, now), style="bold"), self._waves(now), self._running(now))

    def _waves(self, now: float) -> Grid:
        grid = Grid("wave", "", "done", "failed", "under way", "waiting", "", box=None, pad_edge=False)
        for leg in self._legs:
            states = Counter(self._state(name) for name in leg.turns)
            ended = states["done"] + states["failed"]
            # In these colours a terminal of sixteen shows the done part, too
            bar = ProgressBar(max(len(leg.turns), 1), ended, width=20, complete_style="green", finished_style="green")
            counts = [str(states[each] or "-") for each in ("done", "failed", "under way", "waiting")]
            grid.add_row(leg.wave, bar, *counts, self._gate(leg.wave, now))
        return grid

    def _gate(self, wave: str, now: float) -> str:
        found = self._gates.get(wave, "")
        return found if isinstance(found, str) else f"gate, {duration(max(found - now, 0.0))} left"

    def _running(self, now: float) -> Grid:
        grid = Grid("cluster", "since", "at", box=None, pad_edge=False)
        running = sorted(self._tally.running.items(), key=lambda each: each[1])
        for name, since in running[:ROWS]:
            grid.add_row(name, duration(now - since), Text(self._at.get(name, ""), no_wrap=True, overflow="ellipsis"))
        if len(running) > ROWS:
            grid.add_row(f"and {len(running) - ROWS} more", "", "")
        return grid

    def _state(self, name: str) -> str:
        if name in self._tally.running:
            return "under way"
        ending = self._tally.ended.get(name)
        return "waiting" if ending is None else "done" if ending == "done" else "failed"
