"""Secrets of environments, of Dependabot and of organisations: each kind with a key and with names of its own."""

from __future__ import annotations

from typing import Any

import pytest

from tests.lab.github_api.conftest import SHOP, GitHub

ENVIRONMENT = f"{SHOP}/environments/production"
ORGANIZATION = "/orgs/acme/actions/secrets"
BASES = {
    "environment": f"{ENVIRONMENT}/secrets",
    "dependabot": f"{SHOP}/dependabot/secrets",
    "organization": ORGANIZATION,
    "organization's dependabot": "/orgs/acme/dependabot/secrets",
}
PLACES = {
    "environment": {"repository": "shop", "environment": "production"},
    "dependabot": {"repository": "shop", "kind": "dependabot"},
    "organization": {},
    "organization's dependabot": {"kind": "dependabot"},
}


@pytest.fixture
def owner(github: GitHub) -> str:
    github.ok("PUT", ENVIRONMENT)
    return github.token("lab-owner", scopes=["admin:org", "repo"])


@pytest.mark.parametrize("kind", sorted(BASES))
def test_each_kind_is_created_changed_and_removed(github: GitHub, owner: str, kind: str) -> None:
    base, more = BASES[kind], {"visibility": "all"} if "organization" in kind else {}
    assert github("PUT", f"{base}/cr_pat", github.seal(base, "first", owner) | more, owner).status_code == 201
    assert github("PUT", f"{base}/CR_PAT", github.seal(base, "second", owner) | more, owner).status_code == 204
    assert [one["name"] for one in github.ok("GET", base, token=owner)["secrets"]] == ["CR_PAT"]
    told = {"owner": "acme", "name": "CR_PAT", **PLACES[kind]}
    assert github.lab("POST", "secret-value", told) == {"value": "second"}
    github.lab("PUT", "secret", {**told, "value": "of somebody else"})
    assert github.lab("POST", "secret-value", told) == {"value": "of somebody else"}
    assert github("DELETE", f"{base}/CR_PAT", token=owner).status_code == 204
    assert github("GET", f"{base}/CR_PAT", token=owner).status_code == 404
    assert github.ask("POST", "/_lab/secret-value", told).status_code == 404


@pytest.mark.parametrize("kind", sorted(BASES))
def test_what_was_sealed_for_one_kind_opens_no_other(github: GitHub, owner: str, kind: str) -> None:
    body = github.seal(f"{SHOP}/actions/secrets", "x") | {"visibility": "all"}
    assert github("PUT", f"{BASES[kind]}/TOKEN", body, owner).status_code == 422


def test_an_environment_is_made_first_and_takes_its_secrets_with_it(github: GitHub) -> None:
    base = f"{SHOP}/environments/staging%2Feu"
    assert github("GET", f"{base}/secrets/public-key").status_code == 404
    made = github.ok("PUT", base, {"wait_timer": 0, "deployment_branch_policy": None})
    assert (made["name"], made["protection_rules"]) == ("staging/eu", [])
    github.ok("PUT", f"{base}/secrets/TOKEN", github.seal(f"{base}/secrets", "x"))
    github.ok("PUT", base)
    assert github.ok("GET", f"{base}/secrets")["total_count"] == 1
    github.ok("DELETE", base)
    assert github("GET", base).status_code == 404
    github.ok("PUT", base)
    assert github.ok("GET", f"{base}/secrets")["total_count"] == 0


def test_whether_administrators_pass_is_told(github: GitHub) -> None:
    """The provider reads it back, and would else see another value than it set."""
    assert github.ok("PUT", ENVIRONMENT)["can_admins_bypass"] is True
    assert github.ok("PUT", ENVIRONMENT, {"can_admins_bypass": False})["can_admins_bypass"] is False


def test_a_policy_for_branches_is_told(github: GitHub) -> None:
    policy = {"protected_branches": True, "custom_branch_policies": False}
    assert github.ok("PUT", ENVIRONMENT, {"deployment_branch_policy": policy})["deployment_branch_policy"] == policy


def test_a_repository_is_also_called_by_its_id(github: GitHub, owner: str) -> None:
    """The provider asks for an environment's secrets in no other way."""
    number = github.ok("GET", SHOP)["id"]
    base = f"/repositories/{number}/environments/production/secrets"
    github.ok("PUT", f"{base}/TOKEN", github.seal(base, "x"))
    assert github.ok("GET", f"{ENVIRONMENT}/secrets/TOKEN")["name"] == "TOKEN"
    assert github("GET", "/repositories/1").status_code == 404


def test_selected_repositories_are_added_and_removed(github: GitHub, owner: str) -> None:
    github.lab("POST", "repositories", {"owner": "acme", "name": "web", "private": True})
    shop, web = (github.ok("GET", f"/repos/acme/{name}")["id"] for name in ("shop", "web"))
    body = github.seal(ORGANIZATION, "x", owner) | {"visibility": "selected", "selected_repository_ids": [shop]}
    github.ok("PUT", f"{ORGANIZATION}/TOKEN", body, owner)
    chosen = f"{ORGANIZATION}/TOKEN/repositories"
    assert github.ok("GET", f"{ORGANIZATION}/TOKEN", token=owner)["selected_repositories_url"].endswith(chosen)

    def names() -> list[str]:
        return [one["name"] for one in github.ok("GET", chosen, token=owner)["repositories"]]

    assert names() == ["shop"]
    github.ok("PUT", f"{chosen}/{web}", token=owner)
    assert names() == ["shop", "web"]
    github.ok("DELETE", f"{chosen}/{shop}", token=owner)
    assert names() == ["web"]
    github.ok("PUT", chosen, {"selected_repository_ids": [shop]}, owner)
    assert names() == ["shop"]
    assert github("PUT", chosen, {"selected_repository_ids": [7]}, owner).status_code == 422
    assert github("PUT", chosen, {}, owner).status_code == 422
    assert github("PUT", f"{chosen}/7", token=owner).status_code == 404


def test_a_new_value_that_names_no_repositories_selects_none(github: GitHub, owner: str) -> None:
    number = github.ok("GET", SHOP)["id"]
    for more, count in (({"selected_repository_ids": [number]}, 1), ({}, 0), ({"selected_repository_ids": []}, 0)):
        body: dict[str, Any] = github.seal(ORGANIZATION, "x", owner) | {"visibility": "selected"} | more
        github.ok("PUT", f"{ORGANIZATION}/TOKEN", body, owner)
        assert github.ok("GET", f"{ORGANIZATION}/TOKEN/repositories", token=owner)["total_count"] == count


@pytest.mark.parametrize(("visibility", "seen"), [("all", ["shop", "web"]), ("private", ["web"]), ("selected", [])])
def test_a_visibility_says_which_jobs_see_the_secret(
    github: GitHub, owner: str, visibility: str, seen: list[str]
) -> None:
    github.lab("POST", "repositories", {"owner": "acme", "name": "web", "private": True})
    github.ok("PUT", f"{ORGANIZATION}/TOKEN", github.seal(ORGANIZATION, "x", owner) | {"visibility": visibility}, owner)
    found = {
        name: github.lab("POST", "secret-values", {"owner": "acme", "repository": name}) for name in ("shop", "web")
    }
    assert [name for name, values in found.items() if values == {"TOKEN": "x"}] == seen
    for name in found:
        listed = github.ok("GET", f"/repos/acme/{name}/actions/organization-secrets", token=owner)
        assert listed["total_count"] == (name in seen)


def test_only_a_selected_visibility_has_repositories(github: GitHub, owner: str) -> None:
    github.ok("PUT", f"{ORGANIZATION}/TOKEN", github.seal(ORGANIZATION, "x", owner) | {"visibility": "all"}, owner)
    number = github.ok("GET", SHOP)["id"]
    assert github("PUT", f"{ORGANIZATION}/TOKEN/repositories/{number}", token=owner).status_code == 409


@pytest.mark.parametrize("visibility", [{}, {"visibility": "everybody"}])
def test_an_organizations_secret_needs_a_visibility(github: GitHub, owner: str, visibility: dict[str, str]) -> None:
    body = github.seal(ORGANIZATION, "x", owner) | visibility
    assert github("PUT", f"{ORGANIZATION}/TOKEN", body, owner).status_code == 422


def test_a_job_sees_the_nearest_of_several_with_one_name(github: GitHub, owner: str) -> None:
    for base, value in (
        (ORGANIZATION, "organization"),
        (f"{SHOP}/actions/secrets", "repository"),
        (f"{ENVIRONMENT}/secrets", "production"),
    ):
        more = {"visibility": "all"} if base == ORGANIZATION else {}
        github.ok("PUT", f"{base}/TOKEN", github.seal(base, value, owner) | more, owner)
    asked = {"owner": "acme", "repository": "shop"}
    assert github.lab("POST", "secret-values", asked) == {"TOKEN": "repository"}
    assert github.lab("POST", "secret-values", {**asked, "environment": "production"}) == {"TOKEN": "production"}
    assert github.lab("POST", "secret-values", {**asked, "kind": "dependabot"}) == {}


@pytest.mark.parametrize(("scopes", "user"), [(["repo"], "acme-admin"), (["admin:org", "repo"], "somebody")])
def test_an_organizations_secrets_are_for_its_owners_with_the_scope(
    github: GitHub, scopes: list[str], user: str
) -> None:
    token = github.token("lab-other", user, scopes=scopes)
    answer = github("GET", ORGANIZATION, token=token)
    assert answer.status_code == 403 and answer.json()["message"].startswith("You must be an org admin")
    assert github("GET", "/orgs/none/actions/secrets", token=github.token("o", scopes=["admin:org"])).status_code == 404
    assert github.ask("POST", "/_lab/secret-value", {"owner": "none", "name": "A"}).status_code == 404
