"""Secrets of every kind through the program: created, changed, drifted, deleted, refused; never in plain anywhere."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from lab import github, github_admin
from lab.accounts import GITHUB_ADMIN
from lab.github_api import faults
from tests.e2e import github_stack
from tests.e2e.conftest import Lab
from tests.e2e.github_stack import FILES, GitHubStack
from tests.e2e.stack import lines

ADMIN = "lab-owner-6d2207"
NAME, OTHER = "kept", "other"
TOKENS = {"one": "lab-first-2f6e", "two": "lab-second-77c1", "bot": "lab-bot-90ad", "all": "lab-all-41be"}
REPOSITORY = {
    "secrets": {"CR_PAT": "one"},
    "environments": {"production": {"CR_PAT": "two"}},
    "dependabotSecrets": {"CR_PAT": "bot"},
}
ORGANIZATION = {"secrets": {"SHARED": {"credential": "all", "repositories": [NAME]}}}


@pytest.fixture
def kept(github_lab: Lab, tmp_path: Path) -> Iterator[GitHubStack]:
    for name in (NAME, OTHER):
        github_admin.add_repository(github_lab.state, "acme", name, FILES)
    url = f"{github.endpoint(github_lab.state)}/api/v3/repos/acme/{NAME}/environments/production"
    assert httpx.put(url, json={}, headers={"Authorization": f"Bearer {GITHUB_ADMIN.token}"}).is_success
    scopes = (*GITHUB_ADMIN.scopes, "admin:org")
    github_admin.add_token(github_lab.state, GITHUB_ADMIN.user, ADMIN, scopes)
    with github_stack.stack(github_lab, tmp_path, NAME, {NAME: REPOSITORY}, TOKENS, organization=ORGANIZATION) as made:
        made.token("githubAdmin", ADMIN)
        yield made


def values(kept: GitHubStack) -> dict[str, str]:
    state = kept.lab.state
    return {
        "one": github_admin.secret(state, "acme", NAME, "CR_PAT"),
        "two": github_admin.secret(state, "acme", NAME, "CR_PAT", environment="production"),
        "bot": github_admin.secret(state, "acme", NAME, "CR_PAT", kind="dependabot"),
        "all": github_admin.secret(state, "acme", "", "SHARED"),
    }


def steps(plan: dict[str, Any]) -> set[str]:
    """What a preview would do to secrets: operation and kind."""
    found = {(each["op"], each["urn"].split("::")[2].rpartition("/")[2]) for each in plan["steps"]}
    return {f"{op} {kind.partition(':')[0]}" for op, kind in found if op != "same" and "ecret" in kind}


@pytest.mark.slow
def test_every_kind_is_what_was_set_and_its_rotation_changes_that_one_alone(kept: GitHubStack) -> None:
    kept.works()
    assert values(kept) == TOKENS
    assert "SHARED" not in github_admin.secrets(kept.lab.state, "acme", OTHER)
    assert github_admin.secrets(kept.lab.state, "acme", NAME)["SHARED"] == TOKENS["all"]
    kept.unchanged()
    kinds = {
        "one": "actionsSecret",
        "two": "actionsEnvironmentSecret",
        "bot": "dependabotSecret",
        "all": "actionsOrganizationSecret",
    }
    for number, name in enumerate(kinds, 1):
        kept.token(name, f"lab-rotated-{name}")
        assert steps(kept.preview()) == {f"update {kind}" for kind in list(kinds.values())[:number]}
    kept.works()
    assert values(kept) == {name: f"lab-rotated-{name}" for name in TOKENS}
    assert github_admin.secrets(kept.lab.state, "acme", NAME)["SHARED"] == "lab-rotated-all"
    kept.unchanged()


@pytest.mark.slow
def test_no_value_stands_in_plain_in_the_state_in_previews_or_in_what_is_told(kept: GitHubStack) -> None:
    shown = kept.pulumi("preview", "--diff")
    kept.keeps_quiet(shown)
    done = kept.up("--logtostderr", "-v=9")
    assert done.returncode == 0
    assert not [value for value in TOKENS.values() if value in done.stdout]
    assert not [value for value in TOKENS.values() if value in json.dumps(kept.state())]
    open_ = kept.pulumi("stack", "export", "--show-secrets").stdout
    assert all(value in open_ for value in TOKENS.values()), "the search finds what is there"


@pytest.mark.slow
def test_what_somebody_else_set_is_told_after_a_refresh_and_set_again_when_it_was_deleted(kept: GitHubStack) -> None:
    kept.works()
    time.sleep(1.1)  # GitHub tells of a change by its second
    github_admin.set_secret(kept.lab.state, "acme", NAME, "CR_PAT", "theirs")
    github_admin.set_secret(kept.lab.state, "acme", NAME, "CR_PAT", "theirs", environment="production")
    told = kept.works("--refresh")
    assert "acme/kept: secret CR_PAT was set by somebody else at " in told
    assert "gh secret delete CR_PAT --repo acme/kept --env production, then pulumi up --refresh" in told
    assert values(kept) == {**TOKENS, "one": "theirs", "two": "theirs"}
    with kept.api() as api:
        api.send("DELETE", "repos", "acme", NAME, "actions", "secrets", "CR_PAT")
        api.send("DELETE", "repos", "acme", NAME, "environments", "production", "secrets", "CR_PAT")
    assert "somebody else" not in kept.works("--refresh")
    assert values(kept) == TOKENS


@pytest.mark.slow
def test_what_the_settings_name_no_more_is_deleted_and_nothing_else(kept: GitHubStack) -> None:
    kept.works()
    kept.configure({f"hub2ghcr:github.repositories.{NAME}.environments": {}, "hub2ghcr:github.organization": {}})
    kept.configure({f"hub2ghcr:github.repositories.{NAME}.secrets": {"CR_PAT": "one", "SECOND": "two"}})
    kept.configure({f"hub2ghcr:github.repositories.{NAME}.dependabotSecrets": {"CR_PAT": "bot", "ALL": "all"}})
    kept.works()
    assert github_admin.secrets(kept.lab.state, "acme", NAME) == {"CR_PAT": TOKENS["one"], "SECOND": TOKENS["two"]}
    assert not github_admin.secrets(kept.lab.state, "acme", NAME, environment="production").get("ENV")


@pytest.mark.slow
def test_what_exists_already_is_refused_whatever_its_kind_before_anything_is_written(kept: GitHubStack) -> None:
    state = kept.lab.state
    github_admin.set_secret(state, "acme", NAME, "CR_PAT", "theirs")
    github_admin.set_secret(state, "acme", NAME, "CR_PAT", "theirs", environment="production")
    github_admin.set_secret(state, "acme", NAME, "CR_PAT", "theirs", kind="dependabot")
    for command in ("preview", "up"):
        text = kept.fails(command)
        for each in ("Actions secret CR_PAT", "environment secret CR_PAT", "Dependabot secret CR_PAT"):
            assert f"{each} already exists, and its value would be lost" in text
    found = values_of(kept)
    assert found == {"theirs"}


@pytest.mark.slow
def test_a_secret_that_somebody_sets_after_a_failed_run_is_not_replaced_by_the_next_one(kept: GitHubStack) -> None:
    """The first run has proven that none is there; of those that it did not come to the state knows nothing."""
    state, key = kept.lab.state, "/actions/secrets/CR_PAT$"
    github_admin.inject(state, faults.INVALID, path=key, method="PUT", count=-1)
    assert "422" in kept.fails()
    github_admin.clear_faults(state)
    github_admin.set_secret(state, "acme", NAME, "CR_PAT", "theirs")
    lost = "Actions secret CR_PAT already exists, and its value would be lost; delete it first: gh secret delete CR_PAT"
    for command in ("preview", "up"):
        assert lost in kept.fails(command)
    assert github_admin.secret(state, "acme", NAME, "CR_PAT") == "theirs"
    with kept.api() as api:
        api.send("DELETE", "repos", "acme", NAME, "actions", "secrets", "CR_PAT")
    kept.works()
    assert values(kept) == TOKENS
    kept.unchanged()
    assert kept.pulumi("destroy", "--yes", "--skip-preview").returncode == 0, "the program's hooks are not asked for"
    assert "CR_PAT" not in github_admin.secrets(state, "acme", NAME)


def values_of(kept: GitHubStack) -> set[str]:
    state = kept.lab.state
    return {
        github_admin.secret(state, "acme", NAME, "CR_PAT"),
        github_admin.secret(state, "acme", NAME, "CR_PAT", environment="production"),
        github_admin.secret(state, "acme", NAME, "CR_PAT", kind="dependabot"),
    }


@pytest.mark.slow
def test_an_environment_that_is_not_there_is_told_with_the_command_that_makes_it(kept: GitHubStack) -> None:
    kept.configure({f"hub2ghcr:github.repositories.{NAME}.environments": {"staging": {"CR_PAT": "two"}}})
    done = kept.pulumi("preview")
    assert any("gh api -X PUT repos/acme/kept/environments/staging" in each for each in lines(done)), done.stdout


@pytest.mark.slow
def test_a_token_without_the_scope_for_the_organisation_is_told_which_one_it_lacks(kept: GitHubStack) -> None:
    kept.token("githubAdmin", GITHUB_ADMIN.token)
    text = kept.fails("preview")
    assert "the token needs the scope admin:org, and has read:packages, repo, workflow" in text


@pytest.mark.slow
def test_one_token_under_two_names_is_told(kept: GitHubStack) -> None:
    kept.token("two", TOKENS["one"])
    kept.configure({f"hub2ghcr:github.repositories.{OTHER}": {"secrets": {"CR_PAT": "two"}}})
    text = kept.pulumi("preview").stdout
    assert "share the credential one and two: who reads one secret has it for all" in text
    assert TOKENS["one"] not in text


@pytest.mark.slow
def test_more_secrets_than_the_engine_has_threads_come_one_at_a_time(github_lab: Lab, tmp_path: Path) -> None:
    """Each creation is asked about first, while all registrations wait: with ``--parallel 1`` the SDK has four threads.

    Secrets of one repository wait for each other, so there are as many repositories.
    """
    names = [f"many-{letter}" for letter in "abcdefghij"]
    for name in names:
        github_admin.add_repository(github_lab.state, "acme", name, FILES)
    repositories = {name: {"secrets": {"CR_PAT": "one"}} for name in names}
    with github_stack.stack(github_lab, tmp_path, "many", repositories, {"one": TOKENS["one"]}) as made:
        assert made.pulumi("preview", "--parallel", "1").returncode == 0
        made.works("--parallel", "1")
        assert {github_admin.secret(github_lab.state, "acme", name, "CR_PAT") for name in names} == {TOKENS["one"]}
