"""The report that a fleet's run writes at its end."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest
from click.testing import CliRunner

from hub2ghcr.cli import fleet_run
from hub2ghcr.cli.fleet_up import command
from hub2ghcr.fleet import conducting, ledger, reading, remembered
from hub2ghcr.fleet.history import RunEnding
from hub2ghcr.fleet.intents import Intent
from hub2ghcr.fleet.itinerary import Leg
from hub2ghcr.fleet.turn import Turn
from tests.hub2ghcr.report import fleet_samples


@pytest.fixture
def halting(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A fleet whose every run halts, and whose ledger tells of it."""

    def halted(self: conducting.Conductor, *_: object) -> RunEnding:
        return "halted"

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(reading, "load", lambda _: fleet_samples.fleet())
    monkeypatch.setattr(remembered, "history", lambda _: fleet_samples.history())
    monkeypatch.setattr("hub2ghcr.engine.Run", lambda *_: SimpleNamespace(version=None))
    monkeypatch.setattr(conducting.Conductor, "run", halted)


def ended(*arguments: str) -> tuple[int, str]:
    done = CliRunner().invoke(command, ["--yes", "--phase", "cutover", *arguments])
    return done.exit_code, done.stderr


def test_a_run_writes_what_ran_and_ends_as_it_has(halting: None, tmp_path: Path) -> None:
    code, told = ended("--report", "run.html")
    assert code == 6 and told.splitlines()[-1] == "run.html is written"
    assert "eu-0: 2 of 3 Pods are available" in (tmp_path / "run.html").read_text()


def test_a_report_that_cannot_be_written_is_told_and_the_run_ends_as_it_has(halting: None, tmp_path: Path) -> None:
    (tmp_path / "run.html").mkdir()
    code, told = ended("--report", "run.html")
    assert code == 6 and "error: run.html: cannot be written" in told


def test_a_wave_of_hundreds_is_told_in_a_line_that_can_be_read(capsys: pytest.CaptureFixture[str]) -> None:
    stacks = {f"c-{number}": f"c-{number}" for number in range(300)}
    leg = Leg("rest", stacks, {name: Turn(name, Path(), "cutover") for name in stacks}, 8)
    alone = Leg("canary", {"a": "a"}, {}, 1)
    fleet_run._tell(Intent("up", "", "cutover", (alone, leg), 0))
    told = capsys.readouterr().err.splitlines()
    assert told[1] == "  canary: nobody, the gate alone (1 at once)"
    assert told[2].startswith("  rest: c-0, c-1, ") and told[2].endswith(", c-19 and 280 more (8 at once)")


def test_an_ending_that_is_no_form_is_told_before_anything_runs(halting: None, tmp_path: Path) -> None:
    code, told = ended("--report", "run.txt")
    assert code == 2 and "run.txt: a report's file ends in" in told and not (tmp_path / ledger.PLACE).exists()
