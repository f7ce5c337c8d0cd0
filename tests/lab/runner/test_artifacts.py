"""Checkouts of commits that are named, and files that one run keeps for another, as the actions' pages say."""

from __future__ import annotations

import os
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from lab import github, github_admin
from lab.runner import checkout, download, python, upload
from lab.runner.step import StepError


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("github")
    github.up(folder)
    yield folder
    github.down(folder)


@pytest.fixture
def workspace(state: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A job's folder, and its environment: run 2 of the repository ``acme/NAME``."""
    name = f"kept-{uuid.uuid4().hex[:8]}"
    github_admin.add_repository(state, "acme", name, {"a": "1", "b/c": "2"})
    told = {"GITHUB_WORKSPACE": str(tmp_path), "GITHUB_REPOSITORY": f"acme/{name}", "LAB_STATE": str(state)}
    told |= {"LAB_RUN": "2", "LAB_TOKEN": "token", "LAB_COMMIT": "main", "LAB_PERMISSIONS": '{"actions": "read"}'}
    for key, value in told.items():
        monkeypatch.setenv(key, value)
    return tmp_path


def git(folder: Path, *arguments: str) -> str:
    return subprocess.run(
        ["git", *arguments], cwd=folder, capture_output=True, text=True, timeout=60, check=True
    ).stdout.strip()


def suggest(state: Path, **files: str) -> github_admin.Suggestion:
    return github_admin.suggest(state, "acme", os.environ["GITHUB_REPOSITORY"][5:], "topic", files, fork="mallory")


def test_a_merge_is_a_real_repository_with_both_parents(state: Path, workspace: Path) -> None:
    made = suggest(state, a="3")
    given = checkout.main({"ref": made.merge, "path": "head", "persist-credentials": "false"})
    assert given["commit"] == git(workspace / "head", "rev-parse", "HEAD") == made.merge
    assert git(workspace / "head", "rev-parse", "HEAD^2") == made.head
    assert git(workspace / "head", "show", "HEAD^1:a") == "1"
    assert (workspace / "head" / "a").read_text() == "3" and git(workspace / "head", "status", "--porcelain") == ""
    git(workspace / "head", "fsck", "--strict")
    assert "extraheader" not in (workspace / "head" / ".git" / "config").read_text()


def test_the_token_stays_behind_unless_one_says_not_to(workspace: Path) -> None:
    checkout.main({})
    assert "extraheader" in (workspace / ".git" / "config").read_text()


def test_a_runs_artefact_is_found_by_a_later_one_that_may_read_it(
    workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (workspace / "made").mkdir()
    (workspace / "made" / "a.json").write_text("{}")
    upload.main({"name": "one", "path": "made"})
    with pytest.raises(StepError, match="already exists"):
        upload.main({"name": "one", "path": "made"})
    download.main({"name": "one", "path": "same"})
    monkeypatch.setenv("LAB_RUN", "3")
    with pytest.raises(StepError, match="not found"):
        download.main({"name": "one"})
    with pytest.raises(StepError, match="actions: read"):
        download.main({"name": "one", "run-id": "2"})
    download.main({"name": "one", "run-id": "2", "github-token": "t", "path": "other"})
    assert (workspace / "same" / "a.json").read_text() == (workspace / "other" / "a.json").read_text() == "{}"


def test_an_environment_has_what_the_lab_has(workspace: Path) -> None:
    python.main(["-m", "venv", str(workspace / ".venv")])
    programs = workspace / ".venv" / "bin"
    told = subprocess.run(
        [programs / "python", "-c", "import hub2ghcr, sys; print(sys.executable)"], capture_output=True, text=True
    )
    assert told.stdout.strip() == sys.executable
    assert subprocess.run([programs / "pip", "install", "nothing"]).returncode == 0
    assert subprocess.run([programs / "hub2ghcr", "--version"], capture_output=True).returncode == 0
