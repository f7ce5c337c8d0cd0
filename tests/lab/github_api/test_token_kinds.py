"""What each kind of token may do, at the API and at GHCR: GitHub refuses each in its own way."""

from __future__ import annotations

from typing import Any

import pytest

from lab.accounts import GITHUB_ADMIN
from tests.lab.github_api.conftest import SHOP, GitHub

ONE = "sha256:" + "1" * 64
PACKAGES = "/orgs/acme/packages?package_type=container"
FINE: dict[str, Any] = {"permissions": {"contents": "write", "secrets": "read"}, "repositories": ["acme/shop"]}


def _access(github: GitHub, token: str, repository: str = "acme/shop", user: str = "acme-admin") -> Any:
    wanted = {repository: ["pull", "push"]}
    found = github.lab("POST", "registry-access", {"user": user, "password": token, "repositories": wanted})
    return found["allowed"][repository] if found["login"] else None


def test_a_classic_token_tells_its_scopes_and_the_others_do_not(github: GitHub) -> None:
    classic = github("GET", SHOP).headers
    assert classic["x-oauth-scopes"] == "read:packages, repo, workflow" and classic["x-accepted-oauth-scopes"] == "repo"
    for text in ("github_pat_lab", "ghs_lab"):
        told = github("GET", SHOP, token=github.token(text, **FINE)).headers
        assert "x-oauth-scopes" not in told and "x-accepted-oauth-scopes" not in told


def test_a_fine_grained_token_does_what_its_permissions_say_in_its_repositories(github: GitHub) -> None:
    token = github.token("github_pat_lab", **FINE)
    assert github("GET", f"{SHOP}/actions/secrets", token=token).status_code == 200
    refused = github("PUT", f"{SHOP}/actions/secrets/A", {}, token)
    assert (refused.status_code, refused.json()["message"]) == (403, "Resource not accessible by personal access token")
    assert refused.headers["x-accepted-github-permissions"] == "secrets=write"
    github.lab("POST", "repositories", {"owner": "acme", "name": "web"})
    github.lab("POST", "repositories", {"owner": "acme", "name": "hidden", "private": True})
    assert github("PUT", "/repos/acme/web/contents/a", {"message": "m", "content": ""}, token).status_code == 403
    assert github("GET", "/repos/acme/hidden", token=token).status_code == 404
    assert github("GET", f"{SHOP}/pulls", token=token).status_code == 200  # public: anybody may
    assert github.ok("GET", "/user", token=token)["login"] == "acme-admin"


def test_a_workflow_file_needs_a_permission_of_its_own(github: GitHub) -> None:
    path = f"{SHOP}/contents/.github/workflows/a.yml"
    body = {"message": "m", "content": ""}
    assert github("PUT", path, body, github.token("lab-repo", scopes=["repo"])).status_code == 404
    assert github("PUT", path, body, github.token("github_pat_lab", **FINE)).status_code == 403
    more: dict[str, Any] = {
        "permissions": {"contents": "write", "workflows": "write"},
        "repositories": ["acme/*"],
    }
    assert github("PUT", path, body, github.token("github_pat_more", **more)).status_code == 201


@pytest.mark.parametrize("text", ["github_pat_lab", "ghs_lab"])
def test_the_packages_api_is_closed_to_all_but_classic_tokens(github: GitHub, text: str) -> None:
    github.push("acme/shop", ONE)
    token = github.token(text, permissions={"packages": "write"})
    answer = github("GET", "/orgs/acme/packages/container/shop", token=token)
    assert answer.status_code == 403 and answer.json()["message"].startswith("Resource not accessible by ")
    assert github("GET", PACKAGES, token=token).status_code == (400 if text.startswith("ghs_") else 403)


def test_a_missing_scope_is_named_in_githubs_words(github: GitHub) -> None:
    token = github.token("lab-repo", scopes=["repo"])
    for path, said in (
        (PACKAGES, "You need at least read:packages scope to list packages."),
        ("/orgs/acme/actions/secrets", "You must be an org admin or have the actions secrets fine-grained permission."),
        (
            "/orgs/acme/actions/permissions",
            "You must be an org admin or have the actions policies fine-grained permission.",
        ),
    ):
        assert github("GET", path, token=token).json()["message"] == said


def test_an_apps_token_lists_its_repositories_and_is_nobody(github: GitHub) -> None:
    token = github.token("ghs_lab", "acme-app[bot]", repositories=["acme/sh*"])
    github.lab("POST", "repositories", {"owner": "acme", "name": "web"})
    assert [one["name"] for one in github.ok("GET", "/installation/repositories", token=token)["repositories"]] == [
        "shop"
    ]
    assert github("GET", "/user", token=token).status_code == 403
    assert github("GET", "/installation/repositories").status_code == 403


def test_a_token_that_is_not_authorised_is_told_where_to(github: GitHub) -> None:
    token = github.token("lab-no-sso", scopes=["repo", "read:org", "read:packages"], unauthorized=["acme"])
    for path in (SHOP, "/orgs/acme", PACKAGES, "/users/acme/packages?package_type=container"):
        answer = github("GET", path, token=token)
        assert answer.status_code == 403, path
        assert answer.headers["x-github-sso"].startswith("required; url=https://github.com/orgs/acme/sso?")
    assert github("GET", "/user", token=token).status_code == 200
    partly = github("GET", "/user/orgs", token=token)
    number = github.ok("GET", "/orgs/acme")["id"]
    assert partly.json() == [] and partly.headers["x-github-sso"] == f"partial-results; organizations={number}"
    assert "x-github-sso" not in github("GET", "/user/orgs", token=github.token("b", scopes=["admin:org"])).headers


def test_a_membership_is_seen_by_who_has_it(github: GitHub) -> None:
    path = "/user/memberships/orgs/acme"
    assert github.ok("GET", path, token=github.token("a", scopes=["read:org"]))["role"] == "admin"
    assert github("GET", path, token=github.token("b", "somebody", scopes=["read:org"])).status_code == 404
    assert github("GET", path).status_code == 403


def test_a_collaborator_does_what_the_right_says(github: GitHub) -> None:
    token = github.token("lab-bob", "bob", scopes=["repo"])
    secrets = f"{SHOP}/actions/secrets"
    for right, status in (("write", 403), ("admin", 200)):
        github.lab("PUT", "collaborators", {"owner": "acme", "name": "shop", "user": "bob", "right": right})
        assert github("GET", secrets, token=token).status_code == status
    public = github.token("lab-bob-public", "bob", scopes=["public_repo"])
    assert github("GET", secrets, token=public).status_code == 200


def test_a_revoked_token_is_unknown(github: GitHub) -> None:
    token = github.token("lab-gone", scopes=["repo"])
    assert github("GET", "/user", token=token).status_code == 200
    github.lab("DELETE", "tokens", {"token": token})
    assert github("GET", "/user", token=token).status_code == 401


def test_a_token_of_no_kind_is_refused(github: GitHub) -> None:
    for more in ({"kind": "wooden"}, {"permissions": {"contents": "all"}}):
        assert github.ask("POST", "/_lab/tokens", {"user": "a", "token": "t", **more}).status_code == 422


@pytest.mark.parametrize(
    ("text", "more", "allowed"),
    [
        ("lab-rw", {"scopes": ["write:packages"]}, ["pull", "push"]),
        ("lab-r", {"scopes": ["read:packages"]}, ["pull"]),
        ("lab-none", {"scopes": ["repo"]}, []),
        ("lab-no-sso", {"scopes": ["write:packages"], "unauthorized": ["acme"]}, []),
        ("lab-old", {"scopes": ["write:packages"], "expires": "2020-01-01 00:00:00 UTC"}, None),
        ("github_pat_lab", {"permissions": {"packages": "write"}}, None),
        ("ghs_app", {"permissions": {"packages": "write"}, "repositories": ["acme/*"]}, []),
    ],
)
def test_ghcr_opens_to_each_kind_as_documented(
    github: GitHub, text: str, more: dict[str, Any], allowed: list[str] | None
) -> None:
    """None: the login itself fails."""
    assert _access(github, github.token(text, **more)) == allowed


def test_ghcr_refuses_another_users_name_and_unknown_tokens(github: GitHub) -> None:
    assert _access(github, github.token("lab-rw", scopes=["write:packages"]), user="somebody") is None
    assert _access(github, "unknown") is None
    assert _access(github, GITHUB_ADMIN.token) == ["pull"]
    asked = {"user": "acme-admin", "password": GITHUB_ADMIN.token, "repositories": {"acme/shop": ["*"]}}
    assert github.lab("POST", "registry-access", asked)["allowed"] == {"acme/shop": []}


def test_a_stranger_has_what_was_granted(github: GitHub) -> None:
    more = {"scopes": ["write:packages"], "grants": {"acme/shop*": ["pull"]}}
    token = github.token("lab-stranger", "stranger", **more)
    assert _access(github, token, user="stranger") == ["pull"]
    assert _access(github, token, "acme/web", user="stranger") == []


def test_a_workflows_token_pushes_what_is_new_linked_or_open_to_its_repository(github: GitHub) -> None:
    more = {"kind": "actions", "permissions": {"packages": "write"}, "repositories": ["acme/shop"]}
    token = github.token("ghs_job", "github-actions[bot]", **more)
    assert _access(github, token, user="anybody") == ["pull", "push"]
    assert _access(github, token, "other/shop", user="anybody") == []

    github.push("acme/shop", ONE, actor="acme-admin")  # by hand: unlinked
    assert _access(github, token) == []
    github.lab("PUT", "package-link", {"owner": "acme", "name": "shop", "repository": "acme/shop"})
    assert _access(github, token) == ["pull", "push"]
    github.lab("PUT", "package-link", {"owner": "acme", "name": "shop", "repository": ""})
    told = {"owner": "acme", "name": "shop", "repository": "acme/Shop"}
    github.lab("PUT", "package-access", {**told, "role": "read"})
    assert _access(github, token) == ["pull"]
    github.lab("PUT", "package-access", {**told, "role": "write"})
    assert _access(github, token) == ["pull", "push"]
    github.lab("PUT", "package-access", {**told, "role": ""})
    assert _access(github, token) == []


def test_a_workflows_token_that_may_only_read_pushes_nothing(github: GitHub) -> None:
    more = {"kind": "actions", "permissions": {"packages": "read"}, "repositories": ["acme/shop"]}
    assert _access(github, github.token("ghs_job", "github-actions[bot]", **more)) == ["pull"]


def test_what_a_workflow_pushes_first_is_linked_to_its_repository(github: GitHub) -> None:
    more = {"kind": "actions", "permissions": {"packages": "write"}, "repositories": ["acme/shop"]}
    token = github.token("ghs_job", "github-actions[bot]", **more)
    asked = {"user": "x", "password": token, "repositories": {}}
    subject = github.lab("POST", "registry-access", asked)["subject"]
    github.push("acme/tool", ONE, actor=subject)
    found = github.ok("GET", "/orgs/acme/packages/container/tool")
    assert (found["repository"]["full_name"], found["visibility"]) == ("acme/shop", "private")
