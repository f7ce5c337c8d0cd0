"""How far a copy is: images and bytes, of each image and in all."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from ..copying import Job, Result


@dataclass(slots=True)
class Part:
    """One image under way, in bytes: what the lock says of it, what is known by now, and what is placed."""

    locked: int
    known: int = 0
    done: int = 0

    @property
    def total(self) -> int:
        """Bytes to be placed."""
        return max(self.locked, self.known)


class Tally:
    """Counts a run; whoever calls keeps threads apart.

    Images that have not begun count with the bytes that the lock says, those that end with the bytes placed.
    """

    def __init__(self, jobs: Iterable[Job], clock: Callable[[], float] = time.monotonic) -> None:
        self._ahead = {job.target: job.size for job in jobs}
        self._clock = clock
        self._began: float | None = None
        self._rest = sum(self._ahead.values())
        self.images = len(self._ahead)
        self.active: dict[str, Part] = {}
        self.finished = self.done = 0

    @property
    def total(self) -> int:
        """Bytes to be placed in this run, as far as they are known."""
        return self.done + self._rest + sum(max(0, part.total - part.done) for part in self.active.values())

    @property
    def rate(self) -> float:
        """Bytes placed a second since the first image began."""
        return 0.0 if self._began is None else self.done / max(self._clock() - self._began, 1e-3)

    @property
    def seconds_left(self) -> float | None:
        """Seconds until all is placed at the rate so far; None while there is none."""
        return (self.total - self.done) / self.rate if self.rate else None

    def expect(self, job: Job, size: int) -> Part:
        """Take note that an image has begun, or of ``size`` more bytes of it; returns how far it is."""
        if self._began is None:
            self._began = self._clock()
        part = self.active.get(job.target)
        if part is None:
            part = self.active[job.target] = Part(self._begun(job))
        part.known += size
        return part

    def advance(self, job: Job, size: int) -> Part:
        """Take note of bytes placed; returns how far the image is."""
        part = self.active[job.target]
        part.done += size
        self.done += size
        return part

    def finish(self, result: Result) -> None:
        """Take note of an image that is done with."""
        self.finished += 1
        self.active.pop(result.job.target, None)
        self._begun(result.job)

    def _begun(self, job: Job) -> int:
        size = self._ahead.pop(job.target, 0)
        self._rest -= size
        return size
