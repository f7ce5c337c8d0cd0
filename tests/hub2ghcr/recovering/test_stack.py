"""Before a recovery, a run that is ending by itself is waited for."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from hub2ghcr.recovering import Lock, Machine
from hub2ghcr.recovering import stack as recovering

LOCK = Lock(Path("lock.json"), 1, "here", "me", datetime(2026, 1, 1, tzinfo=UTC))


class Looks:
    """What is found, look by look: whether the one lock's process is alive."""

    def __init__(self, *alive: bool) -> None:
        self.alive, self.number = alive, -1

    def __call__(self) -> Sequence[Lock]:
        self.number += 1
        return [LOCK]

    def started(self, _: int) -> float | None:
        return 0.0 if self.alive[min(self.number, len(self.alive) - 1)] else None


def waited(looks: Looks, patience: float, monkeypatch: pytest.MonkeyPatch) -> int:
    """Return how often was looked."""
    monkeypatch.setattr("time.sleep", lambda _: None)
    monkeypatch.setattr(Machine, "started", lambda _, pid: looks.started(pid))
    recovering._waited(looks, Machine("here"), patience)
    return looks.number + 1


def test_a_run_that_ends_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    assert waited(Looks(True, True, False), 60.0, monkeypatch) == 3


def test_a_dead_one_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    assert waited(Looks(False), 60.0, monkeypatch) == 1


def test_patience_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    assert waited(Looks(True), 0.0, monkeypatch) == 1
