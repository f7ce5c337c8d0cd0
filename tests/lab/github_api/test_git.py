"""Names of blobs, trees and commits are git's own."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lab.github_api import git

PERSON = {"name": "Ada", "email": "ada@example.com", "date": "2026-01-02T03:04:05Z"}
NAMES = st.text("ab.-0", min_size=1, max_size=3).filter(lambda name: name.strip(".") == name)
PATHS = st.lists(NAMES, min_size=1, max_size=3).map("/".join)


def _empty() -> dict[str, Any]:
    return {"blobs": {}, "commits": {}, "refs": {}}


def test_a_blob_has_the_name_that_git_gives_it() -> None:
    repository = _empty()
    assert git.blob(repository, b"hello\n") == "ce013625030ba8dba906f756967f9e9ca394464a"
    assert git.content(repository, "ce013625030ba8dba906f756967f9e9ca394464a") == b"hello\n"


def test_no_files_are_the_empty_tree() -> None:
    assert git.tree({}) == "4b825dc642cb6eb9a060e54bf8d69288fbee4904"


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(files=st.dictionaries(PATHS, st.binary(max_size=5), min_size=1, max_size=5))
def test_commits_have_the_names_that_git_gives_them(tmp_path: Path, files: dict[str, bytes]) -> None:
    kept = {path: text for path, text in files.items() if not any(p.startswith(f"{path}/") for p in files)}
    repository = _empty()
    name = git.commit(
        repository, {path: git.blob(repository, text) for path, text in kept.items()}, [], "m\n", PERSON, PERSON
    )
    assert _real(tmp_path, kept) == name


def test_a_merge_base_is_the_nearest_common_commit() -> None:
    repository = _empty()
    root = git.commit(repository, {}, [], "root", PERSON, PERSON)
    shared = git.commit(repository, {}, [root], "shared", PERSON, PERSON)
    one = git.commit(repository, {}, [shared], "one", PERSON, PERSON)
    two = git.commit(repository, {}, [shared], "two", PERSON, PERSON)
    assert git.merge_base(repository, one, two) == shared
    assert git.ancestors(repository, one) == [one, shared, root]
    other = git.commit(repository, {}, [], "unrelated", PERSON, PERSON)
    assert git.merge_base(repository, one, other) is None


def _real(folder: Path, files: dict[str, bytes]) -> str:
    shutil.rmtree(folder / "r", ignore_errors=True)
    home = folder / "r"
    home.mkdir()
    who = {
        f"GIT_{role}_{key}": value
        for role in ("AUTHOR", "COMMITTER")
        for key, value in (("NAME", "Ada"), ("EMAIL", "ada@example.com"), ("DATE", "2026-01-02T03:04:05+0000"))
    }

    def run(*arguments: str) -> str:
        command = ["git", "-c", "core.autocrlf=false", *arguments]
        env = {"PATH": "/usr/bin:/bin", "HOME": str(folder), **who}
        return subprocess.run(command, cwd=home, env=env, check=True, capture_output=True, text=True, timeout=20).stdout

    run("init", "-q")
    for path, text in files.items():
        (home / path).parent.mkdir(parents=True, exist_ok=True)
        (home / path).write_bytes(text)
    run("add", "-A", "-f")
    run("commit", "-q", "--allow-empty", "-m", "m")
    return run("rev-parse", "HEAD").strip()
