"""A child process that does a share of the work.

Forked, so that it has what was read and remembered so far. It inherits no duty: it writes on no stream, leaves no file
open, runs nothing at its exit, and an interrupt is its parent's, which ends it.
"""

from __future__ import annotations

import gc
import os
import pickle
import signal
import sys
from collections.abc import Callable
from typing import Any, Final

_PIPE: Final = 1 << 20
"""Bytes that a worker may be ahead of its parent's reading."""


class Ended(Exception):
    """A worker ended before its work did; the text says how."""


class Channel:
    """Messages to and from another process of this run: anything that can be pickled."""

    def __init__(self, incoming: int, outgoing: int) -> None:
        self._incoming, self._outgoing = os.fdopen(incoming, "rb"), os.fdopen(outgoing, "wb")

    def send(self, message: object) -> None:
        """Send a message; raises ``BrokenPipeError`` when nobody is left to read it."""
        pickle.dump(message, self._outgoing, pickle.HIGHEST_PROTOCOL)
        self._outgoing.flush()

    def receive(self) -> Any:
        """Wait for a message; raises ``EOFError`` or ``pickle.UnpicklingError`` when the other one ended."""
        return pickle.load(self._incoming)

    def close(self) -> None:
        """Close both ends."""
        for end in (self._incoming, self._outgoing):
            try:
                end.close()
            except BrokenPipeError:
                pass  # what was not sent has no reader


class Worker:
    """A child process, from its start to `close`.

    Args:
        work: what it does; gets the channel to its parent.
    """

    def __init__(self, work: Callable[[Channel], None]) -> None:
        down, up = os.pipe(), os.pipe()
        gc.freeze()  # else the first collection of the child would copy every page that it shares
        self._pid = os.fork()
        if self._pid == 0:
            _live(work, down, up)
        gc.unfreeze()
        os.close(down[0])
        os.close(up[1])
        _widen(up[0])
        self._channel = Channel(up[0], down[1])

    def send(self, message: object) -> None:
        """Send a message.

        Raises:
            Ended: the worker is no more.
        """
        try:
            self._channel.send(message)
        except BrokenPipeError:
            raise Ended(self._end()) from None

    def receive(self) -> Any:
        """Wait for a message.

        Raises:
            Ended: the worker is no more.
        """
        try:
            return self._channel.receive()
        except (EOFError, pickle.UnpicklingError):
            raise Ended(self._end()) from None

    def close(self) -> None:
        """End the worker, whatever it is at."""
        self._channel.close()
        if self._pid:
            os.kill(self._pid, signal.SIGKILL)
            self._end()

    def _end(self) -> str:
        if not self._pid:
            return "ended"
        code = os.waitstatus_to_exitcode(os.waitpid(self._pid, 0)[1])
        self._pid = 0
        return f"ended by signal {-code}" if code < 0 else f"ended with code {code}"


def cores() -> int:
    """Return how many processes can do work for us at one time; 1 where a process cannot be forked safely."""
    threading = sys.modules.get("threading")
    if not hasattr(os, "fork") or (threading is not None and threading.active_count() > 1):
        return 1
    return processors()


def processors() -> int:
    """Return how many processors this process may use; all where the system does not say, as on macOS."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _live(work: Callable[[Channel], None], down: tuple[int, int], up: tuple[int, int]) -> None:
    code = 1
    try:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        os.close(down[1])
        os.close(up[0])
        work(Channel(down[0], up[1]))
        code = 0
    except (BrokenPipeError, EOFError):
        pass  # the parent ended
    except BaseException:
        sys.excepthook(*sys.exc_info())
    finally:
        os._exit(code)


def _widen(pipe: int) -> None:
    try:
        from fcntl import F_SETPIPE_SZ, fcntl

        fcntl(pipe, F_SETPIPE_SZ, _PIPE)
    except (ImportError, OSError):
        pass  # slower, and as right
