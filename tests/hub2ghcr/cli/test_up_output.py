"""What ``hub2ghcr up`` says while nothing changes."""

from __future__ import annotations

import time

import pytest

from hub2ghcr.cli import up_output


def test_somebody_who_waits_is_soon_told_that_the_engine_is_at_it_and_then_seldom(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(up_output, "FIRST", 0.1)
    said = ""
    with up_output.Lines():
        end = time.monotonic() + 20
        while not said and time.monotonic() < end:
            time.sleep(0.1)
            said = capsys.readouterr().err
        time.sleep(1.2)
        assert (said, capsys.readouterr().err) == ("under way: the engine\n", "")
