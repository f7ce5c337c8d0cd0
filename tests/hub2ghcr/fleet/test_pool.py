"""A pool ends what it has begun, whenever it is told to."""

from __future__ import annotations

from pathlib import Path

import pytest

from hub2ghcr.fleet.channel import Result
from hub2ghcr.fleet.pool import Pool
from hub2ghcr.fleet.turn import Begun, Ended, Turn
from tests.hub2ghcr.fleet.working import take


def test_an_interrupt_reaches_a_process_that_is_just_being_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A signal comes between any two lines of the main thread, and a process takes a while to start."""
    with Pool(take) as pool:
        start = pool._context.Process.start

        def interrupted(process: object) -> None:
            start(process)  # type: ignore[arg-type]
            pool.interrupt()

        monkeypatch.setattr(pool._context.Process, "start", interrupted)
        said = []
        for _, each in pool.run([("slow-1", Turn("slow-1", tmp_path))], 1):
            said.append(each)
            if isinstance(each, Begun):
                pool.answer("slow-1")
    assert said[-1] == Result(Ended("failed", "prepare", ("the run was interrupted",)))
    assert not (tmp_path / "took.txt").exists()
