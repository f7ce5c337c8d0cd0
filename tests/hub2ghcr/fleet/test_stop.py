"""A word that a signal handler may give in the thread that waits for it."""

from __future__ import annotations

import threading
import time

from hub2ghcr.fleet.stop import Stop
from tests.hub2ghcr.fleet.interrupting import survives


def test_it_may_be_said_at_any_moment_of_a_wait_in_the_same_thread() -> None:
    stop = Stop()
    assert survives(lambda: stop.wait(60.0), stop.set)
    assert stop.is_set()


def test_an_event_of_the_standard_library_may_not() -> None:
    event = threading.Event()
    assert not survives(lambda: event.wait(0.1), event.set, seconds=1.0)


def test_a_wait_ends_when_another_thread_says_it() -> None:
    stop, begun = Stop(), time.monotonic()
    threading.Timer(0.05, stop.set).start()
    stop.wait(60.0)
    assert time.monotonic() - begun < 30.0


def test_a_wait_ends_after_its_time() -> None:
    stop, begun = Stop(), time.monotonic()
    stop.wait(0.15)
    assert time.monotonic() - begun >= 0.15 and not stop.is_set()
