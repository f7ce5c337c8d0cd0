"""Repositories in the shapes of real ones, before and after: what they did at Docker Hub they do at GHCR."""

from __future__ import annotations

import subprocess
from collections import Counter
from pathlib import Path

import pytest

from hub2ghcr.workflows import Migration, migrate
from lab import toolchain

from . import MAPPING

HERE = Path(__file__).parent
CASES = sorted(each.name for each in (HERE / "before").iterdir())
UNDECIDED = {"dependabot": 1, "undecided": 7}


def repository(side: str, case: str) -> dict[str, bytes]:
    folder = HERE / side / case
    return {each.relative_to(folder).as_posix(): each.read_bytes() for each in folder.rglob("*") if each.is_file()}


def contents(migration: Migration) -> dict[str, bytes]:
    return {each.place: each.data for each in migration.files}


@pytest.mark.parametrize("case", CASES)
def test_a_repository_is_migrated_to_its_pair_and_then_stays(case: str) -> None:
    before, after = repository("before", case), repository("after", case)
    done = migrate(before, MAPPING)
    assert contents(done) == after
    again = migrate(after, MAPPING)
    assert (contents(again), again.changed) == (after, ())
    assert len(done.problems) == UNDECIDED.get(case, 0)


@pytest.mark.parametrize("case", CASES)
def test_every_line_that_changes_is_told_with_its_place(case: str) -> None:
    before = repository("before", case)
    for each in migrate(before, MAPPING).changed:
        lines = before[each.place].decode().splitlines()
        for change in each.changes:
            if change.before:
                assert lines[change.line - 1][change.column - 1 :].startswith(change.before)
        assert {change.line for change in each.changes}


@pytest.mark.parametrize("case", CASES)
def test_line_ends_of_windows_a_byte_order_mark_and_blanks_at_the_end_of_lines_stay(case: str) -> None:
    def windows(data: bytes) -> bytes:
        return b"\xef\xbb\xbf" + data.replace(b"\n", b"\r\n")

    before = {path: windows(data) for path, data in repository("before", case).items()}
    after = {path: windows(data) for path, data in repository("after", case).items()}
    assert contents(migrate(before, MAPPING)) == after


@pytest.mark.parametrize("case", CASES)
def test_flavour_pat_signs_in_with_cr_pat_and_asks_for_no_permission(case: str) -> None:
    before = repository("before", case)
    done = migrate(before, MAPPING, "pat")
    for each in done.changed:
        assert each.data.count(b"packages: write") == each.before.count(b"packages: write")
        assert each.data.count(b"secrets.GITHUB_TOKEN") == each.before.count(b"secrets.GITHUB_TOKEN")
    assert migrate(contents(done), MAPPING, "pat").changed == ()


@pytest.fixture(scope="session")
def actionlint() -> str:
    return str(toolchain.resolve(["actionlint"], quiet=True).program("actionlint"))


def linted(actionlint: str, folder: Path, files: dict[str, bytes]) -> Counter[str]:
    (folder / ".git").mkdir(parents=True, exist_ok=True)  # where actionlint looks for local actions
    for path, data in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)
    names = [path for path in files if "/workflows/" in path]
    done = subprocess.run(
        [
            actionlint,
            "-no-color",
            "-shellcheck=",
            "-pyflakes=",
            "-format",
            "{{range $e := .}}{{$e.Message}}\n{{end}}",
            *names,
        ],
        capture_output=True,
        text=True,
        timeout=60,
        cwd=folder,
    )
    return Counter(done.stdout.splitlines())


@pytest.mark.parametrize("case", CASES)
def test_actionlint_finds_nothing_that_it_did_not_find_before(tmp_path: Path, actionlint: str, case: str) -> None:
    before = linted(actionlint, tmp_path / "before", repository("before", case))
    after = linted(actionlint, tmp_path / "after", repository("after", case))
    assert after - before == Counter()
    with_pat = linted(actionlint, tmp_path / "pat", contents(migrate(repository("before", case), MAPPING, "pat")))
    assert with_pat - before == Counter()


def test_actionlint_would_find_something(tmp_path: Path, actionlint: str) -> None:
    broken = {
        path: data.replace(b"packages: write", b"packages: push")
        for path, data in repository("after", "publish").items()
    }
    assert linted(actionlint, tmp_path, broken)
