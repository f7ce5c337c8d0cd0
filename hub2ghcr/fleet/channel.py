"""What a process that works for a fleet says to its run, and hears from it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Final

GO: Final = "go"
"""The run has written down what it was told."""
INTERRUPT: Final = "interrupt"


@dataclass(frozen=True, slots=True)
class Result:
    """The last word of a process: what its work returned."""

    value: object


class Channel:
    """A process's end of the pipe. Everything that is said can be pickled."""

    def __init__(self, pipe: Connection) -> None:
        self._pipe = pipe
        self._lock = threading.Lock()
        self._go = threading.Semaphore(0)
        self._over = False
        self._interrupts: list[Callable[[], object]] = []
        threading.Thread(target=self._listen, name="fleet", daemon=True).start()

    def say(self, message: object) -> None:
        """Tell the run something, from any thread; where it is no more, nobody."""
        with self._lock:
            try:
                self._pipe.send(message)
            except OSError:
                pass

    def ask(self, message: object) -> bool:
        """Tell the run something, and wait until it is written down; False where nobody did, or work is to end."""
        self.say(message)
        self._go.acquire()
        return not self._over

    def end(self, value: object) -> None:
        """Tell the result."""
        self.say(Result(value))

    def interrupted_by(self, interrupt: Callable[[], object]) -> None:
        """Have something called each time when the run wants the work to end, and when the run is no more."""
        self._interrupts.append(interrupt)
        if self._over:
            interrupt()

    def _listen(self) -> None:
        while True:
            try:
                word = self._pipe.recv()
            except (EOFError, OSError):
                if not self._over:  # twice would end the engine at once
                    self._end()
                return
            if word == GO:
                self._go.release()
            else:
                self._end()

    def _end(self) -> None:
        self._over = True
        for each in self._interrupts:
            each()
        self._go.release()
