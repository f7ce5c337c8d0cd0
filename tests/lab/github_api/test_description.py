"""The stand-in is held to GitHub's own description: every route is an operation of it, and breaches are seen."""

from __future__ import annotations

import json

import pytest

from lab.github_api import people
from lab.github_api.description import EXTRACT, Description
from lab.github_api.exchange import Answer
from lab.github_api.routes import ROUTES
from tests.lab.github_api.conftest import PACKAGES_ADMIN, SHOP, GitHub

WORKFLOW = "name: ci\non: [push, workflow_dispatch]\njobs:\n  test:\n    steps:\n    - run: make\n"


def test_every_route_is_an_operation_of_github_and_every_operation_of_the_extract_is_a_route(
    description: Description,
) -> None:
    assert {(route.method, route.template) for route in ROUTES} == description.operations()


def test_the_extract_is_small_and_names_its_source() -> None:
    assert EXTRACT.stat().st_size < 1_000_000
    document = json.loads(EXTRACT.read_text())
    assert document["info"]["version"] == "23.0.2"
    assert "@octokit/openapi" in document["x-source"]


def test_every_route_answers_as_described(github: GitHub) -> None:
    _people(github)
    _files(github)
    _pulls(github)
    _actions(github)
    _secrets(github)
    _packages(github)
    called = set(github.lab("GET", "counters"))
    assert called == {f"{route.method} {route.template}" for route in ROUTES}
    assert github.service.violations == []


def test_a_broken_answer_is_caught(github: GitHub, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = people.simple
    monkeypatch.setattr(people, "simple", lambda call, login: {**whole(call, login), "id": "seven"})
    github.ok("GET", SHOP)
    assert any("owner.id" in line for line in github.service.violations)
    github.service.violations.clear()


@pytest.mark.parametrize(
    ("method", "template", "body", "answer"),
    [
        ("GET", "/no/such/operation", None, Answer(200, {})),
        ("GET", "/repos/{owner}/{repo}", None, Answer(200, {"id": 1})),
        ("GET", "/repos/{owner}/{repo}", None, Answer(418, {"message": "no"})),
        ("DELETE", "/repos/{owner}/{repo}/actions/secrets/{secret_name}", None, Answer(204, {"gone": True})),
        ("PUT", "/repos/{owner}/{repo}/actions/secrets/{secret_name}", {"key_id": "1"}, Answer(204)),
        ("PUT", "/repos/{owner}/{repo}/actions/secrets/{secret_name}", None, Answer(204)),
        ("GET", "/repos/{owner}/{repo}/actions/secrets/{secret_name}", None,
         Answer(200, {"name": "A", "created_at": "yesterday", "updated_at": "2026-01-01T00:00:00Z"})),
    ],
)  # fmt: skip
def test_a_breach_is_named(description: Description, method: str, template: str, body: object, answer: Answer) -> None:
    [line] = description.violations(method, template, body, answer)[:1]
    assert line.startswith(f"{method} {template}: ")


def test_what_keeps_to_the_description_breaks_nothing(description: Description) -> None:
    kept = Answer(200, {"name": "A", "created_at": "2026-01-01T00:00:00Z", "updated_at": "2026-01-01T00:00:00Z"})
    template = "/repos/{owner}/{repo}/actions/secrets/{secret_name}"
    assert description.violations("GET", template, None, kept) == []


def _people(github: GitHub) -> None:
    github.ok("GET", "/rate_limit")
    assert github.ok("GET", "/user")["login"] == "acme-admin"
    github.ok("GET", "/users/acme-migration")
    github.ok("GET", "/orgs/acme")
    github.ok("POST", "/orgs/acme/repos", {"name": "cart", "auto_init": True})
    assert [one["name"] for one in github.ok("GET", "/orgs/acme/repos")] == ["cart", "shop"]
    member = github.token("lab-member", scopes=["read:org"])
    github.ok("GET", "/user/orgs", token=member)
    github.ok("GET", "/user/memberships/orgs/acme", token=member)
    app = github.token("ghs_lab", "acme-app[bot]", repositories=["acme/cart"])
    github.ok("GET", "/installation/repositories", token=app)


def _files(github: GitHub) -> None:
    github.ok("GET", SHOP)
    github.ok("GET", f"{SHOP}/branches")
    github.ok("GET", f"{SHOP}/branches/main")
    github.branch("topic/kept")
    told = {"owner": "acme", "name": "shop", "branch": "topic/kept", "reviews": 1, "checks": ["ci"]}
    for ruleset in (True, False):
        github.lab("PUT", "protection", {**told, "ruleset": ruleset})
        github.ok("GET", f"{SHOP}/branches/topic/kept")
        github.ok("GET", f"{SHOP}/rules/branches/topic/kept")
    github.ok("GET", f"{SHOP}/branches/topic/kept/protection")
    made = github.write("docs/a.txt", "a")
    github.ok("GET", f"{SHOP}/contents/docs")
    github.ok("GET", f"{SHOP}/contents/docs/a.txt")
    github.ok("DELETE", f"{SHOP}/contents/docs/a.txt", {"message": "gone", "sha": made["content"]["sha"]})
    github.ok("GET", f"{SHOP}/commits")
    github.ok("GET", f"{SHOP}/commits/{made['commit']['sha']}")
    github.branch("old")
    github.ok("GET", f"{SHOP}/git/ref/heads/old")
    later = github.write("b.txt", "b")["commit"]["sha"]
    github.ok("PATCH", f"{SHOP}/git/refs/heads/old", {"sha": later})
    github.ok("DELETE", f"{SHOP}/git/refs/heads/old")
    top = github.ok("POST", f"{SHOP}/git/trees", {"base_tree": later, "tree": [{"path": "c/d.txt", "content": "d"}]})
    github.ok("GET", f"{SHOP}/git/trees/{top['sha']}")
    github.ok("POST", f"{SHOP}/git/commits", {"message": "m", "tree": top["sha"], "parents": [later]})


def _pulls(github: GitHub) -> None:
    number = github.pull()["number"]
    github.ok("GET", f"{SHOP}/pulls")
    github.ok("GET", f"{SHOP}/pulls/{number}")
    github.ok("PATCH", f"{SHOP}/pulls/{number}", {"title": "Newer"})
    comment = github.ok("POST", f"{SHOP}/issues/{number}/comments", {"body": "plan"})
    github.ok("GET", f"{SHOP}/issues/{number}/comments")
    github.ok("GET", f"{SHOP}/issues/comments/{comment['id']}")
    github.ok("PATCH", f"{SHOP}/issues/comments/{comment['id']}", {"body": "new plan"})
    github.ok("DELETE", f"{SHOP}/issues/comments/{comment['id']}")
    github.ok("PUT", f"{SHOP}/pulls/{number}/merge", {"merge_method": "squash"})


def _actions(github: GitHub) -> None:
    github.ok("PUT", f"{SHOP}/actions/permissions", {"enabled": True, "allowed_actions": "all"})
    github.ok("GET", f"{SHOP}/actions/permissions")
    github.ok("PUT", f"{SHOP}/actions/permissions/workflow", {"default_workflow_permissions": "write"})
    github.ok("GET", f"{SHOP}/actions/permissions/workflow")
    github.write(".github/workflows/ci.yml", WORKFLOW)
    github.ok("GET", f"{SHOP}/actions/workflows")
    github.ok("GET", f"{SHOP}/actions/workflows/ci.yml")
    github.ok("POST", f"{SHOP}/actions/workflows/ci.yml/dispatches", {"ref": "main"})
    github.ok("GET", f"{SHOP}/actions/workflows/ci.yml/runs")
    run = github.ok("GET", f"{SHOP}/actions/runs")["workflow_runs"][0]
    github.ok("GET", f"{SHOP}/actions/runs/{run['id']}")
    [job] = github.ok("GET", f"{SHOP}/actions/runs/{run['id']}/jobs")["jobs"]
    assert job["name"] == "test"


def _secrets(github: GitHub) -> None:
    owner = github.token("lab-owner", scopes=["admin:org", "repo"])
    production = f"{SHOP}/environments/production"
    github.ok("PUT", production, {"wait_timer": 5, "can_admins_bypass": True})
    github.ok("GET", production)
    github.ok("GET", f"{SHOP}/environments")
    github.ok("GET", "/orgs/acme/actions/permissions", token=owner)
    number = github.ok("GET", SHOP)["id"]
    for base in (
        f"{production}/secrets",
        f"{SHOP}/actions/secrets",
        f"{SHOP}/dependabot/secrets",
        "/orgs/acme/actions/secrets",
        "/orgs/acme/dependabot/secrets",
    ):
        body = github.seal(base, "value", owner)
        ours = base.startswith("/orgs/")
        github.ok("PUT", f"{base}/TOKEN", body | ({"visibility": "selected"} if ours else {}), owner)
        github.ok("GET", base, token=owner)
        github.ok("GET", f"{base}/TOKEN", token=owner)
        if ours:
            github.ok("PUT", f"{base}/TOKEN/repositories", {"selected_repository_ids": [number]}, owner)
            github.ok("GET", f"{base}/TOKEN/repositories", token=owner)
            github.ok("GET", f"{SHOP}/actions/organization-secrets", token=owner)
            github.ok("DELETE", f"{base}/TOKEN/repositories/{number}", token=owner)
            github.ok("PUT", f"{base}/TOKEN/repositories/{number}", token=owner)
        github.ok("DELETE", f"{base}/TOKEN", token=owner)
    github.ok("DELETE", production)


def _packages(github: GitHub) -> None:
    for owner, base in (("acme", "/orgs/acme"), ("acme-admin", "/users/acme-admin"), ("acme-admin", "/user")):
        github.push(f"{owner}/one/deep", "sha256:" + "a" * 64, "1")
        github.push(f"{owner}/one/deep", "sha256:" + "b" * 64, "2")
        package = f"{base}/packages/container/one%2Fdeep"
        github.ok("GET", f"{base}/packages?package_type=container", token=PACKAGES_ADMIN)
        github.ok("GET", package, token=PACKAGES_ADMIN)
        number = github.ok("GET", f"{package}/versions", token=PACKAGES_ADMIN)[0]["id"]
        version = f"{package}/versions/{number}"
        github.ok("GET", version, token=PACKAGES_ADMIN)
        for path in (version, package):
            github.ok("DELETE", path, token=PACKAGES_ADMIN)
            github.ok("POST", f"{path}/restore", token=PACKAGES_ADMIN)
