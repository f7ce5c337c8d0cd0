"""What people do beside the API: commits, merged and closed pull requests, runs that end otherwise."""

from __future__ import annotations

import base64
from typing import Any

from tests.lab.github_api.conftest import SHOP, GitHub

WHERE = {"owner": "acme", "name": "shop"}
WORKFLOW = """
name: publish
on:
  push:
    branches: [main]
    tags: ['v*']
jobs:
  test:
    steps: [{run: make test}]
  push:
    name: Push the image
    steps:
    - uses: actions/checkout@v4
    - name: Sign in
      run: login
    - name: Push
      run: push
"""


def _jobs(github: GitHub) -> list[Any]:
    run = github.ok("GET", f"{SHOP}/actions/runs")["workflow_runs"][0]
    return list(github.ok("GET", f"{SHOP}/actions/runs/{run['id']}/jobs")["jobs"])


def _push(github: GitHub) -> None:
    github.write(".github/workflows/p.yml", WORKFLOW)


def test_somebody_commits_whatever_protects_the_branch(github: GitHub) -> None:
    github.lab("PUT", "protection", WHERE)
    told = {**WHERE, "user": "bob", "files": {"a.txt": "x", "README.md": None}, "message": "Mine"}
    sha = github.lab("POST", "commits", told)["sha"]
    found = github.ok("GET", f"{SHOP}/commits/main")
    assert (found["sha"], found["author"]["login"], found["commit"]["message"]) == (sha, "bob", "Mine")
    assert github("GET", f"{SHOP}/contents/README.md").status_code == 404
    assert github.ask("POST", "/_lab/commits", {**told, "name": "none"}).status_code == 404
    assert github.ask("GET", "/_lab/commits", told).status_code == 404


def test_a_first_commit_is_made_in_an_empty_repository(github: GitHub) -> None:
    github.lab("POST", "repositories", {"owner": "acme", "name": "empty"})
    github.lab("POST", "commits", {"owner": "acme", "name": "empty", "files": {"a": "b"}})
    assert github.ok("GET", "/repos/acme/empty/contents/a")["size"] == 1


def test_a_pull_request_is_merged_and_its_branch_deleted_or_kept(github: GitHub) -> None:
    github.lab("PUT", "protection", {**WHERE, "reviews": 1})
    for branch, deleted in (("one", True), ("two", False)):
        number = github.pull(branch)["number"]
        told = {**WHERE, "number": number, "state": "merged", "method": "squash", "delete_branch": deleted}
        github.lab("PUT", "pulls", told)
        found = github.ok("GET", f"{SHOP}/pulls/{number}")
        assert (found["merged"], found["merged_by"]["login"]) == (True, "acme-reviewer")
        assert github("GET", f"{SHOP}/branches/{branch}").status_code == (404 if deleted else 200)
        assert github("GET", f"{SHOP}/contents/{branch}.txt").status_code == 200


def test_a_pull_request_is_closed_unmerged(github: GitHub) -> None:
    number = github.pull()["number"]
    github.lab("PUT", "pulls", {**WHERE, "number": number, "state": "closed"})
    found = github.ok("GET", f"{SHOP}/pulls/{number}")
    assert (found["state"], found["merged"]) == ("closed", False)
    assert github("GET", f"{SHOP}/branches/topic").status_code == 200


def test_a_run_succeeds_unless_told(github: GitHub) -> None:
    _push(github)
    jobs = _jobs(github)
    assert [(one["name"], one["conclusion"]) for one in jobs] == [("test", "success"), ("Push the image", "success")]
    assert [one["name"] for one in jobs[1]["steps"]] == ["Run actions/checkout@v4", "Sign in", "Push"]


def test_a_run_fails_at_a_step(github: GitHub) -> None:
    _push(github)
    github.lab("PUT", "runs", {**WHERE, "status": "completed", "conclusion": "failure", "step": "Sign in"})
    test, push = _jobs(github)
    assert (test["conclusion"], push["conclusion"]) == ("success", "failure")
    assert [one["conclusion"] for one in push["steps"]] == ["success", "failure", "skipped"]
    [run] = github.ok("GET", f"{SHOP}/actions/runs")["workflow_runs"]
    assert run["conclusion"] == "failure"
    github.lab("PUT", "runs", {**WHERE, "run": run["id"], "status": "completed", "conclusion": "success"})
    assert github.ok("GET", f"{SHOP}/actions/runs/{run['id']}")["conclusion"] == "success"


def test_runs_to_come_wait_until_told(github: GitHub) -> None:
    github.lab("PUT", "new-runs", {**WHERE, "status": "queued", "conclusion": None})
    _push(github)
    [run] = github.ok("GET", f"{SHOP}/actions/runs?status=queued")["workflow_runs"]
    assert (run["status"], run["conclusion"]) == ("queued", None)
    assert [(one["status"], one["conclusion"], one["completed_at"]) for one in _jobs(github)] == 2 * [
        ("queued", None, None)
    ]
    github.lab("PUT", "new-runs", WHERE)
    github.write("a.txt", "x")
    assert github.ok("GET", f"{SHOP}/actions/runs")["workflow_runs"][0]["conclusion"] == "success"


def test_a_runner_is_told_of_the_repository_its_files_and_its_runs(github: GitHub) -> None:
    _push(github)
    assert github.lab("POST", "repository", WHERE)["full_name"] == "acme/shop"
    assert github.lab("POST", "workflow-permissions", WHERE) == {"default": "read"}
    files = github.lab("POST", "files", {**WHERE, "reference": "main"})
    assert base64.b64decode(files[".github/workflows/p.yml"]).decode() == WORKFLOW
    assert github.ask("POST", "/_lab/files", {**WHERE, "reference": "none"}).status_code == 404
    assert [one["event"] for one in github.lab("POST", "run-list", WHERE)] == ["push"]


def test_no_run_can_be_told_where_there_is_none(github: GitHub) -> None:
    assert github.ask("PUT", "/_lab/runs", {**WHERE, "status": "queued"}).status_code == 404
    assert github("GET", f"{SHOP}/actions/runs/7/jobs").status_code == 404


def test_a_tag_runs_what_listens_to_it(github: GitHub) -> None:
    _push(github)
    sha = github.ok("GET", f"{SHOP}/commits/main")["sha"]
    for tag in ("v1.0", "other"):
        github.ok("POST", f"{SHOP}/git/refs", {"ref": f"refs/tags/{tag}", "sha": sha})
    assert [one["head_branch"] for one in github.ok("GET", f"{SHOP}/actions/runs")["workflow_runs"]] == ["v1.0", "main"]
