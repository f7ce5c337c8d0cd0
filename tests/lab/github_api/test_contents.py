"""Files, branches and commits behave as GitHub's do."""

from __future__ import annotations

import base64

from lab.accounts import MIGRATION
from tests.lab.github_api.conftest import SHOP, SITE, GitHub

FILE = f"{SHOP}/contents/a.txt"


def _body(text: str, **more: str) -> dict[str, str]:
    return {"message": "m", "content": base64.b64encode(text.encode()).decode(), **more}


def test_a_new_file_is_created_and_a_known_one_changed(github: GitHub) -> None:
    made = github("PUT", FILE, _body("one"))
    assert made.status_code == 201
    changed = github("PUT", FILE, _body("two", sha=made.json()["content"]["sha"]))
    assert changed.status_code == 200
    assert base64.b64decode(github.ok("GET", FILE)["content"]) == b"two"


def test_an_address_of_a_file_names_its_reference(github: GitHub) -> None:
    github.write("a b.txt", "x")
    found = github.ok("GET", f"{SHOP}/contents/a%20b.txt?ref=main")
    assert found["url"] == f"{SITE}/api/v3{SHOP}/contents/a%20b.txt?ref=main"


def test_a_known_file_changes_only_with_its_own_sha(github: GitHub) -> None:
    github.write("a.txt", "one")
    assert github("PUT", FILE, _body("two")).status_code == 422
    stale = github("PUT", FILE, _body("two", sha="0" * 40))
    assert (stale.status_code, stale.json()["message"]) == (409, f"a.txt does not match {'0' * 40}")
    assert base64.b64decode(github.ok("GET", FILE)["content"]) == b"one"


def test_content_must_be_base64_and_a_branch_must_exist(github: GitHub) -> None:
    assert github("PUT", FILE, {"message": "m", "content": "%%%"}).status_code == 422
    assert github("PUT", FILE, _body("x", branch="none")).status_code == 404


def test_the_first_file_of_an_empty_repository_makes_its_branch(github: GitHub) -> None:
    github.ok("POST", "/orgs/acme/repos", {"name": "bare"})
    assert github("GET", "/repos/acme/bare/branches/main").status_code == 404
    github.ok("PUT", "/repos/acme/bare/contents/a.txt", _body("x"))
    assert github.ok("GET", "/repos/acme/bare/branches/main")["commit"]["files"][0]["filename"] == "a.txt"


def test_a_file_is_read_at_any_reference(github: GitHub) -> None:
    first = github.write("a.txt", "one")
    github.branch("kept/here")
    github.write("a.txt", "two", sha=first["content"]["sha"])
    for ref in ("kept/here", first["commit"]["sha"]):
        assert base64.b64decode(github.ok("GET", f"{FILE}?ref={ref}")["content"]) == b"one"
    assert github("GET", f"{FILE}?ref=none").status_code == 404


def test_a_folder_is_listed_and_what_is_missing_is_not_found(github: GitHub) -> None:
    github.write("d/e/f.txt", "x")
    assert [(one["name"], one["type"]) for one in github.ok("GET", f"{SHOP}/contents/d")] == [("e", "dir")]
    assert github("GET", f"{SHOP}/contents/d/none").status_code == 404


def test_a_workflow_needs_the_scope_of_workflows(github: GitHub) -> None:
    github.lab("POST", "tokens", {"user": "acme-admin", "token": "lab-repo-only", "scopes": ["repo"]})
    path = f"{SHOP}/contents/.github/workflows/a.yml"
    refused = github("PUT", path, _body("on: push"), token="lab-repo-only")
    assert refused.status_code == 404
    assert refused.headers["x-accepted-oauth-scopes"] == "repo, workflow"
    assert github("PUT", FILE, _body("x"), token="lab-repo-only").status_code == 201
    assert github("PUT", path, _body("on: push")).status_code == 201


def test_who_may_not_write_is_refused(github: GitHub) -> None:
    assert github("PUT", FILE, _body("x"), token=MIGRATION.token).status_code == 403
    assert github("PUT", FILE, _body("x"), token="").status_code == 401


def test_a_branch_moves_forward_only_unless_forced(github: GitHub) -> None:
    before = github.branch("side")
    after = github.write("a.txt", "x", branch="side")["commit"]["sha"]
    assert github("PATCH", f"{SHOP}/git/refs/heads/side", {"sha": before}).status_code == 422
    assert github("PATCH", f"{SHOP}/git/refs/heads/side", {"sha": before, "force": True}).status_code == 200
    assert github.ok("PATCH", f"{SHOP}/git/refs/heads/side", {"sha": after})["object"]["sha"] == after


def test_a_known_branch_is_not_made_again_and_the_default_one_stays(github: GitHub) -> None:
    sha = github.branch("side")
    assert github("POST", f"{SHOP}/git/refs", {"ref": "refs/heads/side", "sha": sha}).status_code == 422
    assert github("POST", f"{SHOP}/git/refs", {"ref": "refs/heads/x", "sha": "0" * 40}).status_code == 422
    assert github("DELETE", f"{SHOP}/git/refs/heads/main").status_code == 422


def test_commits_of_one_file_are_listed_newest_first(github: GitHub) -> None:
    first = github.write("a.txt", "one")
    github.write("b.txt", "other")
    second = github.write("a.txt", "two", sha=first["content"]["sha"])
    found = [one["sha"] for one in github.ok("GET", f"{SHOP}/commits?path=a.txt")]
    assert found == [second["commit"]["sha"], first["commit"]["sha"]]
