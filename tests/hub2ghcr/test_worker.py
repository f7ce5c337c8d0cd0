"""A child process does its share, and whatever happens to it is told."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable

import pytest

from hub2ghcr.worker import Channel, Ended, Worker, cores, processors


def answering(channel: Channel) -> None:
    channel.send(os.getpid())
    channel.send(channel.receive() * 2)


def worker(work: Callable[[Channel], None], request: pytest.FixtureRequest) -> Worker:
    made = Worker(work)
    request.addfinalizer(made.close)
    return made


def test_messages_go_both_ways_and_are_of_any_size(request: pytest.FixtureRequest) -> None:
    child = worker(answering, request)
    assert child.receive() != os.getpid()
    child.send(b"x" * 3_000_000)
    assert child.receive() == b"x" * 6_000_000


@pytest.mark.parametrize(
    ("end", "said"),
    [
        (lambda: os.kill(os.getpid(), signal.SIGKILL), "ended by signal 9"),
        (lambda: os._exit(3), "ended with code 3"),
        (lambda: None, "ended with code 0"),
    ],
)
def test_an_early_end_is_told_with_its_cause(
    end: Callable[[], None], said: str, request: pytest.FixtureRequest
) -> None:
    def work(channel: Channel) -> None:
        channel.receive()
        end()

    child = worker(work, request)
    child.send("go")
    for _ in range(2):
        with pytest.raises(Ended, match=said if _ == 0 else "ended"):
            child.receive()
    with pytest.raises(Ended):
        child.send("more")


def test_an_end_within_a_message_is_told(request: pytest.FixtureRequest) -> None:
    def work(channel: Channel) -> None:
        os.write(channel._outgoing.fileno(), b"\x80\x05\x95\xff")
        os._exit(0)

    with pytest.raises(Ended):
        worker(work, request).receive()


def test_an_error_of_the_child_is_shown_and_is_its_end(
    request: pytest.FixtureRequest, capfd: pytest.CaptureFixture[str]
) -> None:
    def work(channel: Channel) -> None:
        raise ZeroDivisionError("for the test")

    with pytest.raises(Ended, match="code 1"):
        worker(work, request).receive()
    assert "ZeroDivisionError: for the test" in capfd.readouterr().err


def test_closing_ends_the_child_whatever_it_is_at() -> None:
    def work(channel: Channel) -> None:
        channel.send(os.getpid())
        signal.pause()

    child = Worker(work)
    pid = child.receive()
    child.close()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_the_end_of_the_parent_is_the_end_of_the_child(capfd: pytest.CaptureFixture[str]) -> None:
    reading, writing = os.pipe()

    def grandchild(channel: Channel) -> None:
        os.write(writing, b"up")
        channel.receive()  # never comes

    def child(channel: Channel) -> None:
        Worker(grandchild)
        channel.receive()

    parent = Worker(child)
    os.close(writing)
    assert os.read(reading, 2) == b"up"
    parent.close()
    assert os.read(reading, 1) == b""  # everyone who could write is gone
    os.close(reading)
    assert not capfd.readouterr().err


def test_where_the_system_tells_no_affinity_all_processors_count(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "sched_getaffinity")  # as on macOS
    monkeypatch.setattr(os, "cpu_count", lambda: 7)
    monkeypatch.setattr(threading, "active_count", lambda: 1)  # tests before leave threads
    assert (processors(), cores()) == (7, 7)
    monkeypatch.setattr(os, "cpu_count", lambda: None)
    assert processors() == 1


def test_no_process_is_forked_beside_threads() -> None:
    assert cores() >= 1
    done = threading.Event()
    thread = threading.Thread(target=done.wait)
    thread.start()
    assert cores() == 1
    done.set()
    thread.join()
