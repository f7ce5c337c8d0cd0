"""Bars on a terminal: what they say while images are copied, and that they go when the work is done."""

from __future__ import annotations

import io

import pytest
from rich import progress
from rich.console import Console

from hub2ghcr.allowance import Budget
from hub2ghcr.cli import copy_bars
from hub2ghcr.copying import Copied, Job

JOBS = [Job(f"docker.io/acme/{name}:1", f"ghcr.io/acme/{name}:1", "sha256:" + "1" * 64) for name in ("cart", "shop")]


@pytest.fixture
def screen(monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    written = io.StringIO()
    console = Console(file=written, force_terminal=True, width=100, color_system=None)
    monkeypatch.setattr(copy_bars, "Console", lambda **_: console)
    return written


def drawn(screen: io.StringIO, shown: progress.Progress) -> str:
    screen.seek(0)
    screen.truncate()
    shown.refresh()
    return screen.getvalue()


def test_each_image_under_way_has_a_bar_and_all_have_one(screen: io.StringIO) -> None:
    with copy_bars.bars(JOBS, Budget(7)) as bars:
        bars.expect(JOBS[0], 1000)
        bars.advance(JOBS[0], 250)
        text = drawn(screen, bars._shown)
        assert "images 0/2, 7 pulls left" in text
        assert "acme/cart:1" in text and "0.2/1.0 kB" in text
        assert "acme/shop:1" not in text
        bars.finish(Copied(JOBS[0], "copied"))
        text = drawn(screen, bars._shown)
        assert "images 1/2" in text and "acme/cart:1" not in text
        bars.wait(60, 1)
        assert "no pulls left for 1 images; asking again in" in drawn(screen, bars._shown)
