"""``python3 -m lab``: what each command prints, and what it says when it cannot."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from lab import __main__ as command_line
from lab import processes
from lab.errors import LabError

ROOT = Path(__file__).resolve().parent.parent.parent


def test_the_help_lists_every_command_and_teaches_with_examples(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as over:
        command_line.main(["--help"])
    assert over.value.code == 0
    told = capsys.readouterr().out
    assert all(f"\n    {name} " in told for name in ("up", "status", "down", "logs", "env"))
    assert 'eval "$(python3 -m lab env)"' in told


def test_the_status_of_no_lab_says_how_to_start_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert command_line.main(["status", "--dir", str(tmp_path)]) == 1
    assert "python3 -m lab up" in capsys.readouterr().out


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


def test_the_environment_of_no_lab_says_how_to_start_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    state = tmp_path / "none"
    assert command_line.main(["env", "--dir", str(state)]) == 1
    out, err = capsys.readouterr()
    assert out == "" and f"no lab runs in {state}" in err and f"python3 -m lab up --dir {state}" in err
    assert not state.exists()


@pytest.mark.parametrize("command", ["up", "down", "env", "status", "logs"])
def test_a_file_where_the_folder_belongs_is_no_traceback(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    monkeypatch.setattr("lab.toolchain.resolve", lambda **_: None)
    state = tmp_path / "file"
    state.write_text("")
    code = command_line.main([command, "--dir", str(state)])
    told = "".join(capsys.readouterr())
    assert code == (0 if command == "logs" else 1)
    assert str(state) in told


@pytest.fixture
def bare(tmp_path: Path) -> Path:
    """A checkout without ``.venv``."""
    shutil.copytree(ROOT / "lab", tmp_path / "lab", ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


def test_without_the_virtual_environment_the_way_to_it_is_told(bare: Path, tmp_path: Path) -> None:
    code = (
        "import runpy, sys; sys.path[:] = [place for place in sys.path if 'site-packages' not in place];"
        f"sys.path.insert(0, {str(bare)!r}); sys.argv[1:] = ['up', '--dir', {str(tmp_path / 'state')!r}];"
        "runpy.run_module('lab', run_name='__main__')"
    )
    done = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True, timeout=30)
    assert done.returncode == 1
    first, remedy = done.stderr.splitlines()
    assert first.startswith("lab: the Python package ") and first.endswith(" is not installed")
    assert remedy == "  remedy: run `make venv` first"


def test_a_python_that_is_too_old_is_one_line(bare: Path) -> None:
    code = f"import sys; sys.version_info = (3, 9, 2, 'final', 0); sys.path.insert(0, {str(bare)!r}); import lab"
    done = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True, timeout=30)
    assert done.returncode == 1
    assert done.stderr.splitlines()[0] == "lab: Python 3.9 is too old: 3.11 or newer is needed"


def test_importing_the_command_line_starts_nothing_and_loads_nothing_heavy() -> None:
    code = (
        "import sys, lab.__main__; sys.exit(bool({'pulumi', 'starlette', 'cryptography', 'httpx'} & set(sys.modules)))"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT, timeout=30, env=dict(os.environ))


def test_a_reader_who_has_read_enough_is_no_error(tmp_path: Path) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    command = [sys.executable, "-m", "lab", "logs", "--dir", str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, stdout=writer, stderr=subprocess.PIPE, timeout=60, check=False)
    os.close(writer)
    assert (done.returncode, done.stderr) == (1, b"")
