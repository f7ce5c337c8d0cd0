"""Which repository a folder is a checkout of, read from what git wrote."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from hub2ghcr.checkout import Checkout, checkout_of


def git(folder: Path, *words: str) -> None:
    identity = ["-c", "user.name=a", "-c", "user.email=a@example.org"]
    subprocess.run(["git", "-C", str(folder), *identity, *words], check=True, capture_output=True, timeout=60)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository that git made, without a remote."""
    folder = tmp_path / "repository"
    folder.mkdir()
    git(folder, "init", "-q")
    return folder


@pytest.mark.parametrize(
    "url",
    [
        "https://github.com/Acme/Shop",
        "https://github.com/acme/shop.git",
        "https://someone@github.com:443/acme/shop.git/",
        "git@github.com:acme/shop.git",
        "github.com:acme/shop",
        "ssh://git@github.com/acme/shop.git",
        "ssh://git@github.com:22/acme/shop",
    ],
)
def test_the_remote_origin_says_which_repository(repository: Path, url: str) -> None:
    git(repository, "remote", "add", "fork", "https://github.com/somebody/shop")
    git(repository, "remote", "add", "origin", url)
    git(repository, "remote", "add", "upstream", "https://github.com/upstream/shop")
    (repository / "a" / "b").mkdir(parents=True)
    assert checkout_of(repository / "a" / "b") == Checkout(repository, "github.com", "acme", "shop")


def test_a_worktree_is_a_checkout_of_the_same_repository(repository: Path, tmp_path: Path) -> None:
    git(repository, "remote", "add", "origin", "git@github.com:acme/shop.git")
    git(repository, "commit", "-q", "--allow-empty", "-m", "first")
    git(repository, "worktree", "add", "-q", str(tmp_path / "other"))
    assert checkout_of(tmp_path / "other") == Checkout(tmp_path / "other", "github.com", "acme", "shop")


def test_a_submodule_has_a_configuration_of_its_own(repository: Path) -> None:
    inner = repository / "inner"
    inner.mkdir()
    (inner / ".git").write_text("gitdir: ../.git/modules/inner\n", encoding="utf-8")
    own = repository / ".git" / "modules" / "inner"
    own.mkdir(parents=True)
    (own / "config").write_text('[remote "origin"]\n\turl = https://github.com/acme/inner\n', encoding="utf-8")
    assert checkout_of(inner) == Checkout(inner, "github.com", "acme", "inner")


@pytest.mark.parametrize("config", ["", '[remote "origin"]\n\tfetch = x\n[other]\n\turl = a@b.c:d/e\n', "\xff"])
def test_without_a_remote_origin_nothing_is_said(repository: Path, config: str) -> None:
    (repository / ".git" / "config").write_bytes(config.encode("latin-1"))
    assert checkout_of(repository) is None


@pytest.mark.parametrize("url", ["/srv/git/shop.git", "https://github.com/acme", "https://git.example.org/a/b/c.git"])
def test_a_remote_that_is_no_owners_repository_is_none(repository: Path, url: str) -> None:
    git(repository, "remote", "add", "origin", url)
    assert checkout_of(repository) is None


def test_a_folder_in_no_checkout_is_none(tmp_path: Path) -> None:
    assert checkout_of(tmp_path) is None
    (tmp_path / ".git").write_text("gitdir: nowhere\n", encoding="utf-8")
    assert checkout_of(tmp_path) is None
