"""Trees and commits by themselves: several files become one commit, and no branch moves before its reference does."""

from __future__ import annotations

from typing import Any

from lab.accounts import SHOP_PUBLISHER
from tests.lab.github_api.conftest import SHOP, GitHub


def _main(github: GitHub) -> str:
    return str(github.ok("GET", f"{SHOP}/git/ref/heads/main")["object"]["sha"])


def _tree(github: GitHub, *entries: dict[str, Any]) -> Any:
    files = [{"mode": "100644", "type": "blob", **each} for each in entries]
    return github.ok("POST", f"{SHOP}/git/trees", {"base_tree": _main(github), "tree": files})


def test_several_files_become_one_commit_that_a_branch_is_moved_to(github: GitHub) -> None:
    before = _main(github)
    top = _tree(github, {"path": "k/a.yaml", "content": "a"}, {"path": "k/b.yaml", "content": "b"})
    made = github.ok("POST", f"{SHOP}/git/commits", {"message": "both", "tree": top["sha"], "parents": [before]})
    assert _main(github) == before
    github.ok("PATCH", f"{SHOP}/git/refs/heads/main", {"sha": made["sha"]})
    assert [each["name"] for each in github.ok("GET", f"{SHOP}/contents/k")] == ["a.yaml", "b.yaml"]
    assert github.ok("GET", f"{SHOP}/commits/{made['sha']}")["commit"]["tree"]["sha"] == top["sha"]
    assert github.ok("GET", f"{SHOP}/contents/README.md")


def test_a_tree_lists_files_and_the_trees_of_its_folders(github: GitHub) -> None:
    top = _tree(github, {"path": "k/deep/a.yaml", "content": "a"}, {"path": "README.md", "sha": None})
    assert [(each["path"], each["type"]) for each in top["tree"]] == [("Dockerfile", "blob"), ("k", "tree")]
    folder = github.ok("GET", f"{SHOP}/git/trees/{top['tree'][1]['sha']}")
    assert [(each["path"], each["type"]) for each in folder["tree"]] == [("deep", "tree")]
    whole = github.ok("GET", f"{SHOP}/git/trees/{top['sha']}?recursive=1")
    assert [each["path"] for each in whole["tree"]] == ["Dockerfile", "k/deep/a.yaml"]


def test_what_is_not_there_is_refused(github: GitHub) -> None:
    none = "0" * 40
    assert github("GET", f"{SHOP}/git/trees/{none}").status_code == 404
    assert github("POST", f"{SHOP}/git/trees", {"base_tree": none, "tree": []}).status_code == 422
    assert github("POST", f"{SHOP}/git/trees", {"tree": [{"path": "a", "sha": none}]}).status_code == 422
    assert github("POST", f"{SHOP}/git/trees", {"tree": [{"path": "a", "sha": None}]}).status_code == 422
    assert github("POST", f"{SHOP}/git/commits", {"message": "m", "tree": none}).status_code == 422
    top = _tree(github, {"path": "a", "content": "a"})["sha"]
    assert github("POST", f"{SHOP}/git/commits", {"message": "m", "tree": top, "parents": [none]}).status_code == 422


def test_workflows_need_their_scope_and_nobody_writes_without_rights(github: GitHub) -> None:
    github.lab("POST", "tokens", {"user": "acme-admin", "token": "lab-plain", "scopes": ["repo"]})
    body = {"tree": [{"path": ".github/workflows/ci.yml", "content": "on: push"}]}
    assert github("POST", f"{SHOP}/git/trees", body, "lab-plain").status_code == 404
    assert github("POST", f"{SHOP}/git/trees", body).status_code == 201
    assert github("POST", f"{SHOP}/git/trees", {"tree": []}, SHOP_PUBLISHER.token).status_code == 403
