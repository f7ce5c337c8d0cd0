"""``python -m lab``: what each command prints, and what it says when it cannot."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from lab import __main__ as command_line
from lab import processes
from lab.errors import LabError


def test_the_help_lists_every_command_and_teaches_with_examples(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as over:
        command_line.main(["--help"])
    assert over.value.code == 0
    told = capsys.readouterr().out
    assert all(f"\n    {name} " in told for name in ("up", "status", "down", "logs", "env"))
    assert 'eval "$(python -m lab env)"' in told


def test_the_status_of_no_lab_says_how_to_start_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert command_line.main(["status", "--dir", str(tmp_path)]) == 1
    assert "python -m lab up" in capsys.readouterr().out


def test_the_status_for_a_script_is_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    processes.start(tmp_path, processes.Daemon("sleeper", ("sleep", "60"), lambda: None))
    try:
        assert command_line.main(["status", "--dir", str(tmp_path), "--output", "json"]) == 0
        told = json.loads(capsys.readouterr().out)
        assert told["dir"] == str(tmp_path)
        assert [(one["name"], one["running"]) for one in told["processes"]] == [("sleeper", True)]
    finally:
        processes.stop(tmp_path, "sleeper")


def test_a_process_that_ended_makes_the_status_fail(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    processes.start(tmp_path, processes.Daemon("sleeper", ("sleep", "60"), lambda: None))
    record = json.loads((tmp_path / "run" / "sleeper.json").read_text())
    processes.stop(tmp_path, "sleeper")
    (tmp_path / "run" / "sleeper.json").write_text(json.dumps(record))
    assert command_line.main(["status", "--dir", str(tmp_path)]) == 1
    assert "ended" in capsys.readouterr().out


def test_a_log_that_is_not_there_is_answered_with_those_that_are(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "etcd.log").write_text("one\ntwo\nthree\n")
    assert command_line.main(["logs", "apiserver", "--dir", str(tmp_path)]) == 1
    assert "no log named 'apiserver'" in (told := capsys.readouterr().err) and "one of: etcd" in told
    assert command_line.main(["logs", "etcd", "--lines", "2", "--dir", str(tmp_path)]) == 0
    assert capsys.readouterr().out == "two\nthree\n"


def test_down_ends_the_other_parts_when_one_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from lab import cluster, github, registries

    ended: list[str] = []

    def fail(state: Path) -> None:
        raise LabError("a mount is busy")

    monkeypatch.setattr(cluster, "down", fail)
    monkeypatch.setattr(registries, "down", lambda state: ended.append("registries"))
    monkeypatch.setattr(github, "down", lambda state: ended.append("github"))
    assert command_line.main(["down", "--forget", "--dir", str(tmp_path)]) == 1
    assert ended == ["registries", "github"]
    assert "a mount is busy" in capsys.readouterr().err
    assert tmp_path.exists()


def test_importing_the_command_line_starts_nothing_and_loads_nothing_heavy() -> None:
    code = (
        "import sys, lab.__main__; sys.exit(bool({'pulumi', 'starlette', 'cryptography', 'httpx'} & set(sys.modules)))"
    )
    root = Path(__file__).resolve().parent.parent.parent
    subprocess.run([sys.executable, "-c", code], check=True, cwd=root, timeout=30, env=dict(os.environ))
