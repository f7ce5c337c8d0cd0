"""The word to stop, which signal handlers can give."""

from __future__ import annotations

import time
from typing import Final

STEP: Final = 0.1
"""Seconds after which somebody who waits has heard of it."""


class Stop:
    """Whether to stop.

    It has no lock: a handler runs in the thread that it interrupts, and ``threading.Event.set`` there would wait for
    ever for the lock that ``wait`` of the same thread holds.
    """

    def __init__(self) -> None:
        self._said = False

    def set(self) -> None:
        """Say it. For signal handlers, too."""
        self._said = True

    def is_set(self) -> bool:
        """Return whether it was said."""
        return self._said

    def wait(self, seconds: float) -> None:
        """Return once it is said, or after so many seconds."""
        end = time.monotonic() + seconds
        while not self._said and (left := end - time.monotonic()) > 0:
            time.sleep(min(left, STEP))
