"""How the registries' front is built: once for its sources, and with the compiler's words when it does not build."""

from __future__ import annotations

from pathlib import Path

import pytest

from lab import front_program
from lab.errors import LabError


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache"


def compiler(folder: Path, script: str) -> Path:
    path = folder / "go"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


WORKS = """echo built >>"$(dirname "$0")/runs"
while [ "$1" != -o ]; do shift; done
echo program >"$2" """


def test_it_is_built_once_and_then_cached(tmp_path: Path, cache: Path) -> None:
    go = compiler(tmp_path, WORKS)
    program = front_program.front(go)
    assert program.is_relative_to(cache)
    assert front_program.front(go) == program
    assert (tmp_path / "runs").read_text() == "built\n"


def test_other_sources_are_built_anew(tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    go = compiler(tmp_path, WORKS)
    program = front_program.front(go)
    (tmp_path / "sources").mkdir()
    (tmp_path / "sources" / "main.go").write_text("package main\n")
    monkeypatch.setattr(front_program, "SOURCES", tmp_path / "sources")
    assert front_program.front(go) != program


def test_a_failed_build_says_why_and_leaves_nothing(tmp_path: Path, cache: Path) -> None:
    with pytest.raises(LabError) as caught:
        front_program.front(compiler(tmp_path, "echo 'main.go:1: no such thing' >&2; exit 1"))
    assert caught.value.details == ("main.go:1: no such thing",)
    assert not list(cache.rglob("front-*"))


def test_a_compiler_that_is_not_there_is_named(tmp_path: Path, cache: Path) -> None:
    with pytest.raises(LabError, match="missing/go"):
        front_program.front(tmp_path / "missing" / "go")
