from __future__ import annotations

import base64

import pytest

from hub2ghcr.credentials import Credential
from hub2ghcr.errors import GitHubError
from hub2ghcr.github import GitHub
from hub2ghcr.github.default_branch import DefaultBranch
from tests.hub2ghcr.answering import answering

REPO = "/api/v3/repos/acme/shop"
TREE = f"{REPO}/git/trees/HEAD?recursive=1"
FILES = [
    {"path": "app", "mode": "040000", "type": "tree", "sha": "t"},
    {"path": "app/Dockerfile", "mode": "100644", "type": "blob", "sha": "1"},
    {"path": "README.md", "mode": "100644", "type": "blob", "sha": "2"},
    {"path": "vendored", "mode": "160000", "type": "commit", "sha": "3"},
]


def looked(github: GitHub) -> DefaultBranch:
    return DefaultBranch.look(github, "acme", "shop")


def test_files_and_folders_are_known_by_one_call() -> None:
    with answering({TREE: {"tree": FILES, "truncated": False}}) as server:
        with GitHub(server.url, Credential("a", "t")) as github:
            found = looked(github)
            there = [each for each in (".", "", "app", "app/Dockerfile", "README.md", "vendored") if found.has(each)]
            assert there == [".", "", "app", "app/Dockerfile", "README.md"]
            assert (found.name("app/Dockerfile"), found.name("app"), found.name("none")) == ("1", "", "")
        assert server.asked == [TREE]


def test_what_a_listing_left_out_is_asked_for() -> None:
    far = {"sha": "9", "encoding": "base64", "content": base64.b64encode(b"far").decode()}
    answers = {TREE: {"tree": FILES, "truncated": True}, f"{REPO}/contents/far/off": far}
    with answering(answers) as server, GitHub(server.url, Credential("a", "t")) as github:
        found = looked(github)
        assert (found.has("far/off"), found.has("none"), found.name("far/off")) == (True, False, "9")
        assert found.read("far/off") == b"far"


def test_a_file_is_read_and_one_that_is_not_there_is_empty() -> None:
    large = {"sha": "8", "encoding": "none", "content": ""}
    answers = {TREE: {"tree": FILES}, f"{REPO}/contents/large": large, f"{REPO}/contents/app": []}
    with answering(answers) as server, GitHub(server.url, Credential("a", "t")) as github:
        found = looked(github)
        assert (found.read("none"), found.read("app")) == (b"", b"")
        with pytest.raises(GitHubError, match="acme/shop: large: too large to be read"):
            found.read("large")


def test_an_empty_repository_has_no_files_and_a_missing_one_is_an_error() -> None:
    with answering({TREE: 409, REPO: {}}) as server, GitHub(server.url, Credential("a", "t")) as github:
        assert looked(github).files == {}
    with (
        answering({}) as server,
        GitHub(server.url, Credential("a", "t")) as github,
        pytest.raises(GitHubError, match="no such repository"),
    ):
        looked(github)
