from __future__ import annotations

from hub2ghcr.credentials import Credential
from hub2ghcr.github import GitHub
from hub2ghcr.github.repository import Repository
from tests.hub2ghcr.answering import answering

TREES = "/api/v3/repos/acme/shop/git/trees"


def entry(path: str, sha: str, kind: str = "blob") -> dict[str, str]:
    return {"path": path, "mode": "100644" if kind == "blob" else "040000", "type": kind, "sha": sha}


def test_all_files_of_a_tree_are_one_call() -> None:
    answers = {f"{TREES}/top?recursive=1": {"tree": [entry("a", "t", "tree"), entry("a/b", "1"), entry("c", "2")]}}
    with answering(answers) as server, GitHub(server.url, Credential("a", "t")) as github:
        repository = Repository(github, "acme", "shop")
        assert [repository.blob("top", each) for each in ("a/b", "c", "a", "none")] == ["1", "2", "", ""]
        assert len(server.asked) == 1


def test_what_a_listing_left_out_is_looked_for_folder_by_folder() -> None:
    answers = {
        f"{TREES}/top?recursive=1": {"tree": [entry("c", "2")], "truncated": True},
        f"{TREES}/top": {"tree": [entry("a", "t", "tree"), entry("c", "2")]},
        f"{TREES}/t": {"tree": [entry("b", "1")]},
    }
    with answering(answers) as server, GitHub(server.url, Credential("a", "t")) as github:
        repository = Repository(github, "acme", "shop")
        assert [repository.blob("top", each) for each in ("a/b", "c", "a", "a/none", "c/d")] == ["1", "2", "", "", ""]
