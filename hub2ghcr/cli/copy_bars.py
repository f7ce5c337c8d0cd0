"""Bars on a terminal: one for each image under way, and below them one for all."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)

from ..allowance import Budget
from ..amounts import duration
from ..copying import Job, Result
from .copy_progress import pulls_left
from .copy_tally import Tally


class Bars:
    """Moves the bars; told from many threads."""

    def __init__(self, shown: Progress, jobs: Sequence[Job], budget: Budget) -> None:
        self._shown = shown
        self._budget = budget
        self._tally = Tally(jobs)
        self._lock = threading.Lock()
        self._tasks: dict[str, TaskID] = {}
        self._all = shown.add_task("", total=self._tally.total)
        self._update()

    def expect(self, job: Job, size: int) -> None:
        """Begin or lengthen a bar."""
        with self._lock:
            part = self._tally.expect(job, size)
            if job.target not in self._tasks:
                self._tasks[job.target] = self._shown.add_task(job.target.partition("/")[2][-50:], total=part.total)
            self._shown.update(self._tasks[job.target], total=part.total)
            self._update()

    def advance(self, job: Job, size: int) -> None:
        """Move an image's bar, and that of all."""
        with self._lock:
            part = self._tally.advance(job, size)
            self._shown.update(self._tasks[job.target], completed=part.done)
            self._update()

    def finish(self, result: Result) -> None:
        """Take an image's bar away."""
        with self._lock:
            self._tally.finish(result)
            if (task := self._tasks.pop(result.job.target, None)) is not None:
                self._shown.remove_task(task)
            self._update()

    def wait(self, seconds: float, images: int) -> None:
        """Say what is waited for."""
        with self._lock:
            self._update(f"no pulls left for {images} images; asking again in {duration(seconds)}")

    def _update(self, note: str = "") -> None:
        tally, left = self._tally, pulls_left(self._budget)
        pulls = "" if left is None else f", {left} pulls left"
        text = note or f"images {tally.finished}/{tally.images}{pulls}"
        self._shown.update(self._all, description=text, completed=tally.done, total=tally.total)


@contextmanager
def bars(jobs: Sequence[Job], budget: Budget) -> Iterator[Bars]:
    """Show bars on stderr; they go when the work is done."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as shown:
        yield Bars(shown, jobs, budget)
