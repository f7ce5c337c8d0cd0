"""Pull requests and their comments."""

from __future__ import annotations

import re

from tests.lab.github_api.conftest import SHOP, GitHub


def test_a_merged_pull_request_brings_its_file_to_the_base(github: GitHub) -> None:
    pull = github.pull()
    assert (pull["mergeable"], pull["changed_files"], pull["commits"]) == (True, 1, 1)
    merged = github.ok("PUT", f"{SHOP}/pulls/{pull['number']}/merge", {})
    assert merged["merged"] and github.ok("GET", f"{SHOP}/contents/topic.txt")
    assert len(github.ok("GET", f"{SHOP}/commits/{merged['sha']}")["parents"]) == 2
    after = github.ok("GET", f"{SHOP}/pulls/{pull['number']}")
    assert (after["state"], after["merged"], after["merge_commit_sha"]) == ("closed", True, merged["sha"])


def test_both_sides_changing_a_file_cannot_be_merged(github: GitHub) -> None:
    number = github.pull()["number"]
    github.write("topic.txt", "other")
    assert github.ok("GET", f"{SHOP}/pulls/{number}")["mergeable"] is False
    assert github("PUT", f"{SHOP}/pulls/{number}/merge", {}).status_code == 405


def test_a_head_that_moved_is_not_merged(github: GitHub) -> None:
    pull = github.pull()
    github.write("more.txt", "x", branch="topic")
    answer = github("PUT", f"{SHOP}/pulls/{pull['number']}/merge", {"sha": pull["head"]["sha"]})
    assert answer.status_code == 409


def test_a_second_request_for_the_same_branches_is_refused(github: GitHub) -> None:
    github.pull()
    answer = github("POST", f"{SHOP}/pulls", {"title": "x", "head": "acme:topic", "base": "main"})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["message"] == "A pull request already exists for acme:topic."


def test_a_request_without_commits_or_branches_is_refused(github: GitHub) -> None:
    github.branch("same")
    assert github("POST", f"{SHOP}/pulls", {"title": "x", "head": "same", "base": "main"}).status_code == 422
    assert github("POST", f"{SHOP}/pulls", {"title": "x", "head": "none", "base": "main"}).status_code == 422
    missing = github("POST", f"{SHOP}/pulls", {})
    assert [error["field"] for error in missing.json()["errors"]] == ["title", "head", "base"]


def test_requests_are_listed_by_state_and_head(github: GitHub) -> None:
    first, second = github.pull("one")["number"], github.pull("two")["number"]
    github.ok("PATCH", f"{SHOP}/pulls/{first}", {"state": "closed"})

    def numbers(query: str) -> list[int]:
        return [one["number"] for one in github.ok("GET", f"{SHOP}/pulls{query}")]

    assert numbers("") == [second]
    assert numbers("?state=all") == [second, first]
    assert numbers("?state=all&head=acme:one") == [first]


def test_a_request_is_closed_with_its_branch_and_reopens_with_it(github: GitHub) -> None:
    pull = github.pull()
    github.ok("DELETE", f"{SHOP}/git/refs/heads/topic")
    assert github.ok("GET", f"{SHOP}/pulls/{pull['number']}")["state"] == "closed"
    assert github("PATCH", f"{SHOP}/pulls/{pull['number']}", {"state": "open"}).status_code == 422
    github.ok("POST", f"{SHOP}/git/refs", {"ref": "refs/heads/topic", "sha": pull["head"]["sha"]})
    assert github.ok("PATCH", f"{SHOP}/pulls/{pull['number']}", {"state": "open"})["state"] == "open"


def test_comments_come_in_pages_that_link_to_each_other(github: GitHub) -> None:
    number = github.pull()["number"]
    path = f"{SHOP}/issues/{number}/comments"
    for text in ("1", "2", "3"):
        github.ok("POST", path, {"body": text})
    first = github("GET", f"{path}?per_page=2")
    assert [one["body"] for one in first.json()] == ["1", "2"]
    links = dict(reversed(pair) for pair in re.findall(r'<([^>]+)>; rel="(\w+)"', first.headers["link"]))
    assert set(links) == {"next", "last"}
    second = github.ask("GET", links["next"])
    assert [one["body"] for one in second.json()] == ["3"]
    assert 'rel="prev"' in second.headers["link"] and 'rel="next"' not in second.headers["link"]


def test_a_comment_is_changed_and_removed(github: GitHub) -> None:
    number = github.pull()["number"]
    made = github.ok("POST", f"{SHOP}/issues/{number}/comments", {"body": "old"})
    path = f"{SHOP}/issues/comments/{made['id']}"
    assert github.ok("PATCH", path, {"body": "new"})["body"] == "new"
    github.ok("DELETE", path)
    assert github("GET", path).status_code == 404
    assert github("POST", f"{SHOP}/issues/99/comments", {"body": "x"}).status_code == 404


def test_a_comment_has_a_longest_body(github: GitHub) -> None:
    number = github.pull()["number"]
    path = f"{SHOP}/issues/{number}/comments"
    assert github("POST", path, {"body": "x" * 65536}).status_code == 201
    assert github("POST", path, {"body": "x" * 65537}).status_code == 422
