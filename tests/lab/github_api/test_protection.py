"""Protected branches: a direct commit is refused in GitHub's words, a pull request is not."""

from __future__ import annotations

from typing import Any

import pytest

from tests.lab.github_api.conftest import SHOP, GitHub

FILE = f"{SHOP}/contents/README.md"
RULES = "Repository rule violations found\n\nChanges must be made through a pull request.\n\n"


def _protect(github: GitHub, **more: Any) -> None:
    github.lab("PUT", "protection", {"owner": "acme", "name": "shop", **more})


def _new(github: GitHub, path: str = "new.txt") -> tuple[int, str]:
    answer = github("PUT", f"{SHOP}/contents/{path}", {"message": "m", "content": "eA=="})
    return answer.status_code, answer.json().get("message", "")


def _moved(github: GitHub) -> tuple[int, str]:
    later = github.lab("POST", "commits", {"owner": "acme", "name": "shop", "branch": "side", "files": {"b": "c"}})
    answer = github("PATCH", f"{SHOP}/git/refs/heads/main", {"sha": later["sha"]})
    return answer.status_code, answer.json().get("message", "")


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({}, "Changes must be made through a pull request."),
        ({"reviews": 1}, "At least 1 approving review is required by reviewers with write access."),
        ({"reviews": 2}, "At least 2 approving reviews are required by reviewers with write access."),
        (
            {"checks": ["ci"]},
            'Required status check "ci" is expected. Changes must be made through a pull request.',
        ),
        (
            {"checks": ["ci", "lint"]},
            "2 of 2 required status checks are expected. Changes must be made through a pull request.",
        ),
    ],
)
def test_a_direct_commit_is_refused_and_told_why(github: GitHub, more: dict[str, Any], why: str) -> None:
    github.branch("side")
    sha = github.ok("GET", FILE)["sha"]
    _protect(github, **more)
    assert _new(github) == (409, f"Could not create file: {why}")
    changed = github("PUT", FILE, {"message": "m", "content": "", "sha": sha})
    assert (changed.status_code, changed.json()["message"]) == (409, f"Could not update file: {why}")
    gone = github("DELETE", FILE, {"message": "m", "sha": sha})
    assert (gone.status_code, gone.json()["message"]) == (409, f"Could not delete file: {why}")
    assert gone.json()["documentation_url"].endswith("/about-protected-branches")
    assert _moved(github) == (422, why)


def test_a_ruleset_refuses_in_its_own_words_and_is_told_elsewhere(github: GitHub) -> None:
    github.branch("side")
    _protect(github, ruleset=True)
    assert _new(github) == (409, RULES)
    assert _moved(github) == (422, RULES)
    assert github("GET", f"{SHOP}/branches/main/protection").status_code == 404
    assert "pull_request" in [one["type"] for one in github.ok("GET", f"{SHOP}/rules/branches/main")]


def test_a_branchs_own_protection_is_told_to_administrators(github: GitHub) -> None:
    url = f"{SHOP}/branches/main/protection"
    answer = github("GET", url)
    assert (answer.status_code, answer.json()["message"]) == (404, "Branch not protected")
    _protect(github, reviews=1)
    found = github.ok("GET", url)
    assert found["required_pull_request_reviews"]["required_approving_review_count"] == 1
    assert github.ok("GET", f"{SHOP}/branches/main")["protected"] is True
    assert [one["protected"] for one in github.ok("GET", f"{SHOP}/branches")] == [True]
    assert github.ok("GET", f"{SHOP}/rules/branches/main") == []
    assert github("GET", url, token=github.token("lab-reader", "bob", scopes=["repo"])).status_code == 403
    assert github("GET", f"{SHOP}/branches/none/protection").status_code == 404


def test_administrators_are_free_where_they_are_not_bound(github: GitHub) -> None:
    _protect(github, admins=False)
    assert _new(github)[0] == 201
    app = github.token("ghs_lab", "acme-app[bot]", permissions={"contents": "write"}, repositories=["acme/shop"])
    answer = github("PUT", f"{SHOP}/contents/b.txt", {"message": "m", "content": ""}, app)
    assert answer.status_code == 409


def test_other_branches_and_an_unprotected_one_are_free(github: GitHub) -> None:
    github.branch("topic")
    _protect(github)
    github.write("a.txt", "x", branch="topic")
    _protect(github, off=True)
    assert _new(github)[0] == 201


def test_a_pull_request_goes_in_unless_it_wants_approval(github: GitHub) -> None:
    number = github.pull()["number"]
    _protect(github, reviews=1)
    answer = github("PUT", f"{SHOP}/pulls/{number}/merge", {})
    assert answer.status_code == 405 and "approving review" in answer.json()["message"]
    _protect(github)
    github.ok("PUT", f"{SHOP}/pulls/{number}/merge", {})


def test_a_protected_branch_is_not_deleted(github: GitHub) -> None:
    github.branch("kept")
    _protect(github, branch="kept")
    answer = github("DELETE", f"{SHOP}/git/refs/heads/kept")
    assert (answer.status_code, answer.json()["message"]) == (422, "Cannot delete a protected branch")
