"""What git tells of a checkout."""

from __future__ import annotations

from pathlib import Path

import pytest

from hub2ghcr.git import run, told

from .repository import commit


def test_what_git_says_is_told_without_the_space_around_it(tmp_path: Path) -> None:
    assert told(tmp_path, "rev-parse", "HEAD") is None
    commit(tmp_path)
    assert told(tmp_path, "rev-parse", "--abbrev-ref", "HEAD") == "main"


def test_without_git_nothing_is_told_and_a_run_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    assert told(tmp_path, "status") is None
    assert run(tmp_path, "status").stderr == b"there is no git"
