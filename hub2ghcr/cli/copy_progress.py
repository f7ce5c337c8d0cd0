"""What ``hub2ghcr copy`` shows while it works: bars on a terminal, else lines, or events for programs."""

from __future__ import annotations

import json
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final, Literal

import click

from ..allowance import Budget
from ..amounts import duration, size_of
from ..copying import Failed, Job, Left, Progress, Result
from .copy_tally import Tally

QUIET: Final = 10.0
"""Seconds after which plain lines say how far it is, while no image is done."""
OFTEN: Final = 1.0
"""Seconds between two events that say how far it is."""


def outcome(result: Result) -> str:
    """Name what became of an image."""
    return "failed" if isinstance(result, Failed) else "left" if isinstance(result, Left) else result.outcome


def data(each: Result) -> dict[str, Any]:
    """Return a result as JSON has it."""
    found: dict[str, Any] = {
        "source": each.job.source,
        "target": each.job.target,
        "digest": each.job.target_digest,
        "outcome": outcome(each),
    }
    match each:
        case Failed():
            return {**found, "error": str(each.error)}
        case Left():
            return {**found, "pulls": each.pulls}
    return {
        **found,
        "manifests": each.manifests,
        "uploaded": each.uploaded,
        "mounted": each.mounted,
        "found": each.found,
        "bytes": each.size,
        "repeatedBytes": each.repeated,
        "attached": each.attached,
        "replaced": each.replaced,
        "keptTags": list(each.kept),
        "notCarried": [one.digest for one in each.dropped],
    }


def pulls_left(budget: Budget) -> int | None:
    """Return how many manifests may still be read from sources; None is any number."""
    bounds = [each.remaining for each in budget.allowances.values()]
    if budget.own_left is not None:
        bounds.append(budget.own_left)
    return min(bounds, default=None)


class Lines:
    """Lines on stderr: one for each image that was not there, and one at least every ten seconds."""

    def __init__(self, jobs: Sequence[Job], budget: Budget, dry_run: bool) -> None:
        self._tally = Tally(jobs)
        self._budget = budget
        self._dry_run = dry_run
        self._lock = threading.Lock()
        self._told = time.monotonic()

    def expect(self, job: Job, size: int) -> None:
        """Count."""
        with self._lock:
            self._tally.expect(job, size)

    def advance(self, job: Job, size: int) -> None:
        """Count."""
        with self._lock:
            self._tally.advance(job, size)

    def finish(self, result: Result) -> None:
        """Print a line for an image that was brought, or could not be; of those left the report tells."""
        with self._lock:
            self._tally.finish(result)
            if self._dry_run or outcome(result) in ("present", "left"):
                return
            self._say(f"[{self._tally.finished}/{self._tally.images}] {outcome(result)}: {result.job.target}")

    def wait(self, seconds: float, images: int) -> None:
        """Print what is waited for."""
        with self._lock:
            self._say(f"no pulls left for {images} images; asking again in {duration(seconds)}")

    def tick(self) -> None:
        """Say how far it is, if nothing was said for a while and something is under way."""
        with self._lock:
            if time.monotonic() - self._told < QUIET or not self._tally.active:
                return
            tally, left = self._tally, pulls_left(self._budget)
            parts = [f"{size_of(tally.done)} of {size_of(tally.total)}", f"{size_of(tally.rate)}/s"]
            if tally.seconds_left is not None:
                parts.append(f"{duration(tally.seconds_left)} left")
            if left is not None:
                parts.append(f"{left} pulls left")
            self._say(f"[{tally.finished}/{tally.images}] {', '.join(parts)}")

    def _say(self, line: str) -> None:
        self._told = time.monotonic()
        click.echo(line, err=True)


class Events:
    """One JSON object a line on stdout."""

    def __init__(self, jobs: Sequence[Job], budget: Budget, dry_run: bool) -> None:
        self._tally = Tally(jobs)
        self._budget = budget
        self._lock = threading.Lock()
        self._told = time.monotonic()
        self._say("start", images=len(jobs), dryRun=dry_run)

    def expect(self, job: Job, size: int) -> None:
        """Count."""
        with self._lock:
            self._tally.expect(job, size)

    def advance(self, job: Job, size: int) -> None:
        """Count, and once a second say how far each image is."""
        with self._lock:
            self._tally.advance(job, size)
            if time.monotonic() - self._told < OFTEN:
                return
            self._told = time.monotonic()
            tally = self._tally
            active = [
                {"target": target, "bytes": part.done, "of": part.total}
                for target, part in sorted(tally.active.items())
            ]
            self._say(
                "progress",
                bytes=tally.done,
                of=tally.total,
                done=tally.finished,
                images=tally.images,
                pullsLeft=pulls_left(self._budget),
                active=active,
            )

    def finish(self, result: Result) -> None:
        """Say what became of an image."""
        with self._lock:
            self._tally.finish(result)
            self._say("image", **data(result))

    def wait(self, seconds: float, images: int) -> None:
        """Say what is waited for."""
        with self._lock:
            self._say("wait", seconds=seconds, images=images)

    def _say(self, event: str, **more: Any) -> None:
        click.echo(json.dumps({"event": event, **more}))


@contextmanager
def progress(
    jobs: Sequence[Job], budget: Budget, output: Literal["table", "json"], dry_run: bool
) -> Iterator[Progress]:
    """Show the work while it goes on: events on stdout, else on stderr bars or lines."""
    if output == "json":
        yield Events(jobs, budget, dry_run)
        return
    if sys.stderr.isatty():
        from .copy_bars import bars

        with bars(jobs, budget) as shown:
            yield shown
        return
    lines, ended = Lines(jobs, budget, dry_run), threading.Event()

    def watch() -> None:
        while not ended.wait(1.0):
            lines.tick()

    watching = threading.Thread(target=watch, name="progress", daemon=True)
    watching.start()
    try:
        yield lines
    finally:
        ended.set()
        watching.join()
