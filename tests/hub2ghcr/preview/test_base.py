"""What a change is compared with: a commit, as files."""

from __future__ import annotations

from pathlib import Path

import pytest

from hub2ghcr.errors import PreviewError
from hub2ghcr.preview import base

from ..repository import commit, git


def test_a_commit_is_given_as_files_and_the_checkout_stays(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("one")
    first = commit(tmp_path)
    (tmp_path / "a").write_text("two")
    with base.tree(first, tmp_path) as folder:
        assert (folder / "a").read_text() == "one"
        assert (tmp_path / "a").read_text() == "two"
    assert not folder.exists()


def test_of_a_repository_with_several_projects_the_folder_alone_is_given(tmp_path: Path) -> None:
    (tmp_path / "fleet").mkdir()
    (tmp_path / "fleet" / "a").write_text("one")
    (tmp_path / "other").write_text("not ours")
    first = commit(tmp_path)
    with base.tree(first, tmp_path / "fleet") as folder:
        assert sorted(each.name for each in folder.iterdir()) == ["a"]


def test_a_folder_that_the_base_does_not_have_is_empty_there(tmp_path: Path) -> None:
    first = commit(tmp_path)
    (tmp_path / "fleet").mkdir()
    for root in (tmp_path, tmp_path / "fleet"):
        with base.tree(first, root) as folder:
            assert not list(folder.iterdir())


def test_a_link_that_leads_out_of_the_folder_is_left_out(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("one")
    for name, target in (("absolute", "/etc/passwd"), ("outside", "../../etc/passwd"), ("inside", "a")):
        (tmp_path / name).symlink_to(target)
    with base.tree(commit(tmp_path), tmp_path) as folder:
        assert sorted(each.name for each in folder.iterdir()) == ["a", "inside"]
        assert (folder / "inside").read_text() == "one"


def test_what_came_to_the_base_since_is_no_part_of_the_change(tmp_path: Path) -> None:
    first = commit(tmp_path)
    git(tmp_path, "checkout", "--quiet", "-b", "change")
    commit(tmp_path)
    git(tmp_path, "checkout", "--quiet", "main")
    commit(tmp_path, "since")
    git(tmp_path, "checkout", "--quiet", "change")
    assert base.default_base(tmp_path) == base.merge_base("main", tmp_path) == first


def test_a_history_that_shares_nothing_is_compared_with_as_it_is(tmp_path: Path) -> None:
    first = commit(tmp_path)
    git(tmp_path, "checkout", "--quiet", "--orphan", "change")
    commit(tmp_path, "another history")
    assert base.merge_base("main", tmp_path) == first


@pytest.mark.parametrize("ref", ["nowhere", "--help", "-h", ""])
def test_an_unknown_commit_is_an_error_with_a_remedy(tmp_path: Path, ref: str) -> None:
    commit(tmp_path)
    with pytest.raises(PreviewError, match=r"git knows no such commit here.*fetch it"):
        base.merge_base(ref, tmp_path)


def test_without_a_repository_there_is_nothing_to_compare_with(tmp_path: Path) -> None:
    assert base.default_base(tmp_path) is None
    assert base.commit_of(tmp_path) is None


def test_without_git_there_is_nothing_to_compare_with(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    commit(tmp_path)
    monkeypatch.setenv("PATH", "/nowhere")
    assert base.default_base(tmp_path) is None


def test_a_change_that_is_not_committed_is_marked_and_what_a_run_writes_is_none(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("one")
    first = commit(tmp_path)
    (tmp_path / "preview.html").write_text("written by a run")
    assert base.commit_of(tmp_path) == first
    (tmp_path / "a").write_text("two")
    assert base.commit_of(tmp_path) == f"{first}+"
    git(tmp_path, "checkout", "--quiet", "a")
    (tmp_path / "stacks").mkdir()
    (tmp_path / "stacks" / "Pulumi.new.yaml").write_text("config: {}")
    assert base.commit_of(tmp_path) == f"{first}+"


def test_no_program_of_the_checkouts_configuration_runs(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("one")
    first = commit(tmp_path)
    ran = tmp_path / "ran"
    program = tmp_path / "program"
    program.write_text(f"#!/bin/sh\ntouch {ran}\n")
    program.chmod(0o755)
    git(tmp_path, "config", "core.fsmonitor", str(program))
    base.commit_of(tmp_path)
    with base.tree(first, tmp_path):
        pass
    assert not ran.exists()
    git(tmp_path, "status")
    assert ran.exists(), "git alone would have run it"
