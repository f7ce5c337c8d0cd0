"""Actions: sealed secrets, permissions, workflows and their runs."""

from __future__ import annotations

import base64

import pytest
from nacl.public import PrivateKey, SealedBox

from lab.accounts import SHOP_PUBLISHER
from tests.lab.github_api.conftest import SHOP, GitHub

SECRET = f"{SHOP}/actions/secrets/CR_PAT"


def _sealed(github: GitHub, value: str) -> dict[str, str]:
    return github.seal(f"{SHOP}/actions/secrets", value)


def test_a_sealed_secret_opens_to_what_was_sealed(github: GitHub) -> None:
    body = _sealed(github, "pä$$word")
    assert github("PUT", SECRET, body).status_code == 201
    assert github("PUT", SECRET, _sealed(github, "second")).status_code == 204
    assert github.lab("POST", "secret-value", {"owner": "acme", "repository": "shop", "name": "CR_PAT"}) == {
        "value": "second"
    }


def test_neither_an_answer_nor_the_state_shows_a_secret(github: GitHub) -> None:
    github.ok("PUT", SECRET, _sealed(github, "never-in-plain"))
    assert github.ok("GET", SECRET).keys() == {"name", "created_at", "updated_at"}
    kept = [file.read_text() for file in github.service.store.folder.rglob("*.json")]
    assert kept and not any("never-in-plain" in text for text in kept)


def test_a_box_sealed_for_another_key_is_refused(github: GitHub) -> None:
    body = _sealed(github, "x")
    other = SealedBox(PrivateKey.generate().public_key).encrypt(b"x")
    assert github("PUT", SECRET, {**body, "encrypted_value": base64.b64encode(other).decode()}).status_code == 422
    assert github("PUT", SECRET, {**body, "key_id": "1"}).status_code == 422
    assert github("GET", SECRET).status_code == 404


@pytest.mark.parametrize("name", ["GITHUB_TOKEN", "1ST", "WITH-DASH"])
def test_a_name_that_github_reserves_or_cannot_hold_is_refused(github: GitHub, name: str) -> None:
    assert github("PUT", f"{SHOP}/actions/secrets/{name}", _sealed(github, "x")).status_code == 422


def test_secret_names_are_case_insensitive(github: GitHub) -> None:
    github.ok("PUT", f"{SHOP}/actions/secrets/cr_pat", _sealed(github, "x"))
    assert github.ok("GET", SECRET)["name"] == "CR_PAT"


def test_only_an_administrator_reads_secrets(github: GitHub) -> None:
    answer = github("GET", f"{SHOP}/actions/secrets", token=SHOP_PUBLISHER.token)
    assert (answer.status_code, answer.json()["message"]) == (403, "Must have admin rights to Repository.")


def test_permissions_are_kept(github: GitHub) -> None:
    github.ok("PUT", f"{SHOP}/actions/permissions/workflow", {"default_workflow_permissions": "write"})
    found = github.ok("GET", f"{SHOP}/actions/permissions/workflow")
    assert found == {"default_workflow_permissions": "write", "can_approve_pull_request_reviews": False}
    github.ok("PUT", f"{SHOP}/actions/permissions", {"enabled": False})
    assert github.ok("GET", f"{SHOP}/actions/permissions")["enabled"] is False


def test_a_pushed_workflow_is_listed_and_runs(github: GitHub) -> None:
    made = github.write(".github/workflows/p.yml", "name: publish\non:\n  push:\n    branches: [main]\n")
    [workflow] = github.ok("GET", f"{SHOP}/actions/workflows")["workflows"]
    assert (workflow["name"], workflow["path"]) == ("publish", ".github/workflows/p.yml")
    [run] = github.ok("GET", f"{SHOP}/actions/runs")["workflow_runs"]
    assert (run["head_sha"], run["event"], run["conclusion"]) == (made["commit"]["sha"], "push", "success")


def test_a_workflow_for_other_branches_does_not_run(github: GitHub) -> None:
    github.write(".github/workflows/p.yml", "on:\n  push:\n    branches: ['release/*']\n")
    github.write(".github/workflows/q.yml", "not: [a workflow")
    github.write(".github/workflows/r.yml", "on:\n  push:\n    tags: ['v*']\n")
    assert github.ok("GET", f"{SHOP}/actions/runs")["total_count"] == 0
    github.branch("release/1")
    github.write("a.txt", "x", branch="release/1")
    assert github.ok("GET", f"{SHOP}/actions/runs?branch=release/1")["total_count"] == 1


def test_a_pull_request_runs_what_listens_to_it(github: GitHub) -> None:
    github.write(".github/workflows/p.yml", "on: [pull_request]\n")
    github.pull()
    assert github.ok("GET", f"{SHOP}/actions/runs?event=pull_request")["total_count"] == 1


def test_a_workflow_runs_by_hand_only_if_it_says_so(github: GitHub) -> None:
    github.write(".github/workflows/p.yml", "on: push\n")
    assert github("POST", f"{SHOP}/actions/workflows/p.yml/dispatches", {"ref": "main"}).status_code == 422
