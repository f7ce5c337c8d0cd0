"""A run of a fleet on a terminal: the table that moves, Ctrl-C's sibling, and a terminal that goes."""

from __future__ import annotations

import fcntl
import json
import os
import pty
import re
import signal
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from ..conftest import Project
from .running import ROOT

FLEET = """
clusters: {one: {stack: test}}
waves: [{name: all, rest: true}]
gate: {soak: 0s}
"""
ENGINE = """#!/bin/sh
[ "$1" = version ] && echo v3.256.0 && exit
case "$*" in
  *"stack export"*) echo '{"deployment": {}}' ;;
  *" up "*)
    echo $$ > engine.pid
    trap 'kill $!; echo in order > engine.ended; exit 255' INT
    sleep SECONDS & wait
    echo by itself > engine.ended ;;
esac
"""
"""Stands for ``pulumi``: applies a stack for some seconds, and ends in order when it is interrupted."""


@dataclass
class Terminal:
    """A run on a terminal."""

    run: subprocess.Popen[bytes]
    master: int

    def read(self, seconds: float = 60.0) -> str:
        """All that is shown, until the run has ended."""
        shown, end = b"", time.monotonic() + seconds
        while time.monotonic() < end:
            try:
                data = os.read(self.master, 65536)
            except OSError:  # Linux's way to say that nobody has the other end open
                break
            shown += data
        return shown.decode()

    def until(self, there: Callable[[], bool], seconds: float = 60.0) -> None:
        end = time.monotonic() + seconds
        while not there():
            assert time.monotonic() < end and self.run.poll() is None
            time.sleep(0.05)


@pytest.fixture
def begin(project: Project, tmp_path: Path) -> Iterator[Callable[[float], Any]]:
    """Begins ``fleet up`` on a terminal, whose engine takes so many seconds."""

    @contextmanager
    def begun(seconds: float) -> Iterator[Terminal]:
        root = project.save().root
        (root / "stacks/fleet.yaml").write_text(FLEET)
        programs = tmp_path / "programs"
        programs.mkdir()
        (programs / "pulumi").write_text(ENGINE.replace("SECONDS", str(seconds)))
        (programs / "pulumi").chmod(0o755)
        master, slave = pty.openpty()
        termios.tcsetwinsize(slave, (40, 120))
        run = subprocess.Popen(
            [sys.executable, "-m", "hub2ghcr", "fleet", "up", "--yes", "--report", "fleet.md"],
            cwd=root,
            env={"PATH": f"{programs}:{os.environ['PATH']}", "PYTHONPATH": str(ROOT), "TERM": "xterm"},
            stdin=slave,
            stdout=slave,
            stderr=slave,
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
        )
        os.close(slave)
        try:
            yield Terminal(run, master)
        finally:
            with suppress(OSError):
                os.close(master)
            if run.poll() is None:
                os.killpg(run.pid, signal.SIGKILL)
            run.wait()

    yield begun


def records(project: Project) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (project.root / ".hub2ghcr/fleet.jsonl").read_text().splitlines()]


def test_a_terminal_shows_a_table_that_moves(begin: Any, project: Project) -> None:
    with begin(2.5) as terminal:
        shown = terminal.read()
        assert terminal.run.wait(30) == 6  # there is no cluster that the gate could look at
    drawn = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", shown).replace("\r", "\n")
    assert drawn.count("0 of 1 done") > 3  # it was drawn again and again
    assert re.search(r"^wave +done +failed +under way +waiting", drawn, re.MULTILINE)
    assert re.search(r"^all .*- +- +1 +-", drawn, re.MULTILINE)
    assert {"1 s", "2 s"} <= set(re.findall(r"^one +(\d s)", drawn, re.MULTILINE))
    assert "\x1b[2K" in shown  # what was drawn before is wiped away
    assert re.search(r"^one: done after \d+ s", drawn, re.MULTILINE)
    assert "halted: 1 of 1 clusters are done, 1 failed (one)" in drawn
    assert "fleet.md is written" in drawn


@pytest.mark.parametrize("who", ["the terminal goes", "a shell tells all its jobs"])
def test_a_terminal_that_goes_ends_the_run_in_order(begin: Any, project: Project, who: str) -> None:
    with begin(60) as terminal:
        terminal.until((project.root / "engine.pid").exists)
        if who == "a shell tells all its jobs":
            os.killpg(terminal.run.pid, signal.SIGHUP)
        os.close(terminal.master)
        assert terminal.run.wait(30) == 130
    assert (project.root / "engine.ended").read_text() == "in order\n"
    told = records(project)
    assert [each["record"] for each in told] == ["run begun", "cluster begun", "cluster ended", "run ended"]
    assert told[2]["ending"] == "failed" and told[3]["ending"] == "interrupted"
    assert "interrupted" in (project.root / "fleet.md").read_text()
