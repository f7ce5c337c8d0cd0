"""Processes that work for a fleet: one a job, so many at once. Whoever dies fails the own job and no other.

They are forked from a server that has loaded what every job needs (``forkserver``), so that one more costs little
memory and begins at once. They hear no Ctrl-C: the run tells them over their pipe, and its end, however it came, tells
them the same.
"""

from __future__ import annotations

import os
import signal
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from multiprocessing import connection, forkserver, get_context
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerProcess
from multiprocessing.reduction import DupFd
from types import TracebackType
from typing import Any, Final, Self

from .channel import GO, INTERRUPT, Channel, Result

PRELOADED: Final = ("hub2ghcr.fleet.turn",)
"""What the server loads before it forks."""

Work = Callable[[Any, Channel], object]
"""What a process does with a job: a function of a module. What it returns is the job's result."""


@dataclass(frozen=True, slots=True)
class Died:
    """A process that ended without a result, and how."""

    how: str


class Held:
    """A file that processes hold open together with the run, and with it the lock on it."""

    def __init__(self, file: int) -> None:
        self.file = file

    def __reduce__(self) -> tuple[Any, ...]:
        return _held, (DupFd(self.file),)


def _held(duplicate: Any) -> Held:
    return Held(duplicate.detach())


class Pool:
    """The processes of one run.

    Args:
        work: what each does.
        held: a file that is to stay open as long as one of them lives.
    """

    def __init__(self, work: Work, held: int | None = None) -> None:
        self._work, self._held = work, None if held is None else Held(held)
        self._context = get_context("forkserver")
        self._running: dict[str, tuple[ForkServerProcess, Connection]] = {}
        self._stopped = self._interrupted = False

    def __enter__(self) -> Self:
        self._context.set_forkserver_preload(list(PRELOADED))
        before = signal.signal(signal.SIGINT, signal.SIG_IGN)  # inherited: no process is without a handler for a moment
        try:
            forkserver.ensure_running()
        finally:
            signal.signal(signal.SIGINT, before)
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        for _process, pipe in self._running.values():
            pipe.close()  # they end in order
        for process, _pipe in self._running.values():
            process.join()

    def run(self, jobs: Iterable[tuple[str, Any]], concurrency: int) -> Iterator[tuple[str, object]]:
        """Yield what the processes say, with the name of the job: in the end of each a `Result`, or that it `Died`.

        Args:
            jobs: names and what `Work` gets of them, in the order in which they begin.
            concurrency: how many at once.
        """
        waiting = deque(jobs)
        while (waiting and not self._stopped) or self._running:
            while waiting and not self._stopped and len(self._running) < concurrency:
                self._begin(*waiting.popleft())
            pipes = {pipe: name for name, (_, pipe) in self._running.items()}
            for ready in connection.wait(list(pipes)):
                name = pipes[ready]  # type: ignore[index]
                yield name, self._said(name)

    def answer(self, name: str) -> None:
        """Let a process go on that asked."""
        self._tell(name, GO)

    def stop(self) -> None:
        """Begin no further job."""
        self._stopped = True

    def interrupt(self) -> None:
        """Have all that run end in order, a second time at once; begin no further one. For signal handlers, too."""
        self._stopped = self._interrupted = True
        for name in tuple(self._running):
            self._tell(name, INTERRUPT)

    def _begin(self, name: str, job: object) -> None:
        ours, theirs = self._context.Pipe()
        process = self._context.Process(target=_live, args=(self._work, job, theirs, self._held), name=name)
        process.start()
        theirs.close()
        self._running[name] = process, ours
        if self._interrupted:  # while it was started: whoever interrupted it did not know it
            self._tell(name, INTERRUPT)

    def _said(self, name: str) -> object:
        process, pipe = self._running[name]
        try:
            said = pipe.recv()
        except (EOFError, OSError):
            said = None
        if said is not None and not isinstance(said, Result):
            return said
        del self._running[name]
        pipe.close()
        process.join()
        code = process.exitcode or 0
        process.close()
        return said or Died(f"signal {-code}" if code < 0 else f"exit code {code}")

    def _tell(self, name: str, word: str) -> None:
        try:
            self._running[name][1].send(word)
        except (KeyError, OSError):
            pass  # it has ended: what it said last is still to be read


def _live(work: Work, job: object, pipe: Connection, held: Held | None) -> None:
    for each in (signal.SIGHUP, signal.SIGINT, signal.SIGTERM):
        signal.signal(each, lambda *_: None)  # not ignored: programs that we start would inherit that
    channel = Channel(pipe)
    try:
        channel.end(work(job, channel))
    finally:
        if held is not None:
            os.close(held.file)
