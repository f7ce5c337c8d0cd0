"""What GitHub refuses, through the engine: each a clear line, no traceback, no token, nothing half done for ever."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from lab import github_admin
from lab.github_api import faults
from lab.github_api.faults import Fault
from tests.e2e import github_stack
from tests.e2e.conftest import Lab
from tests.e2e.github_stack import FILES, WORKFLOW, GitHubStack

NAME, OTHER = "refused", "beside"


@pytest.fixture
def shop(github_lab: Lab, tmp_path: Path) -> Iterator[GitHubStack]:
    github_admin.add_repository(github_lab.state, "acme", NAME, FILES)
    wanted = {"secrets": {"CR_PAT": "one"}, "workflow": {"path": WORKFLOW, "image": "shop"}}
    with github_stack.stack(github_lab, tmp_path, NAME, {NAME: wanted}, {"one": "lab-first-2f6e"}) as made:
        yield made
        github_admin.clear_faults(github_lab.state)


OURS, THEIRS = "git/trees$", "actions/secrets/CR_PAT$"
"""Calls that we make, and that pulumi-github makes."""
LASTING = replace(faults.SECONDARY_LIMIT, headers={"Retry-After": "3600"})
"""A limit that nobody waits for."""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("fault", "path", "method", "told"),
    [
        (faults.BAD_CREDENTIALS, "/users/acme$", "GET", "GitHub refuses the token of acme-admin (401)"),
        (faults.NO_SSO, "/users/acme$", "GET", "https://github.com/orgs/acme/sso?authorization_request=lab"),
        (faults.NOT_FOUND, OURS, "POST", "GitHub answered 404"),
        (faults.CONFLICT, OURS, "POST", "GitHub answered 409: is at another commit than expected"),
        (faults.INVALID, OURS, "POST", "GitHub answered 422: Validation Failed"),
        (faults.UNAVAILABLE, OURS, "POST", "GitHub answered 503"),
        (LASTING, OURS, "POST", "GitHub's secondary rate limit holds acme-admin up (429): You have exceeded"),
        (faults.primary_limit(3600), OURS, "POST", "GitHub's primary rate limit holds acme-admin up (403): API rate"),
        (faults.BAD_CREDENTIALS, THEIRS, "PUT", "401 Bad credentials"),
        (faults.NOT_FOUND, THEIRS, "PUT", "404 Not Found"),
        (faults.INVALID, THEIRS, "PUT", "422 Validation Failed"),
        (faults.NO_SSO, THEIRS, "PUT", "403 Resource protected by organization SAML enforcement"),
        (faults.CONFLICT, THEIRS, "PUT", "409 is at another commit than expected"),
        (faults.UNAVAILABLE, THEIRS, "PUT", "actions/secrets/CR_PAT giving up after 4 attempt(s)"),
    ],
)
def test_a_refusal_is_a_clear_line_and_the_next_run_goes_on(
    shop: GitHubStack, fault: Fault, path: str, method: str, told: str
) -> None:
    github_admin.inject(shop.lab.state, fault, path=path, method=method, count=-1)
    assert told in shop.fails()
    github_admin.clear_faults(shop.lab.state)
    shop.works()
    assert len(shop.pulls(NAME)) == 1
    assert github_admin.secret(shop.lab.state, "acme", NAME, "CR_PAT") == "lab-first-2f6e"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("fault", "path", "method"),
    [
        (faults.SECONDARY_LIMIT, OURS, "POST"),
        (faults.SECONDARY_LIMIT, THEIRS, "PUT"),
        (faults.primary_limit(), "git/trees/HEAD", "GET"),
        (faults.UNAVAILABLE, "git/trees/HEAD", "GET"),
    ],
)
def test_a_limit_is_waited_for_and_a_failed_read_is_asked_again(
    shop: GitHubStack, fault: Fault, path: str, method: str
) -> None:
    github_admin.inject(shop.lab.state, fault, path=path, method=method)
    shop.works()
    assert len(shop.pulls(NAME)) == 1
    assert github_admin.faults(shop.lab.state) == [], "it befell a call"


@pytest.mark.slow
def test_a_repository_that_cannot_be_looked_at_is_told_by_a_preview(shop: GitHubStack) -> None:
    github_admin.inject(shop.lab.state, faults.INVALID, path="git/trees/HEAD", method="GET", count=-1)
    assert f"acme/{NAME}: what it lacks is not known: GitHub answered 422" in shop.pulumi("preview").stdout


@pytest.mark.slow
@pytest.mark.parametrize("fault", [faults.NOT_FOUND, faults.NO_SSO])
def test_a_repository_that_cannot_be_looked_at_fails_the_run_when_all_else_is_done(
    shop: GitHubStack, fault: Fault
) -> None:
    """What a token lost sight of went by as a warning, and the run as a good one."""
    shop.works()
    github_admin.add_repository(shop.lab.state, "acme", OTHER, FILES)
    wanted = {"secrets": {"CR_PAT": "one"}, "workflow": {"path": WORKFLOW, "image": "other"}}
    shop.configure({f"hub2ghcr:github.repositories.{OTHER}": wanted})
    lost = f"repos/acme/{NAME}(/git/trees/HEAD)?$"
    github_admin.inject(shop.lab.state, fault, path=lost, method="GET", count=-1)
    assert f"acme/{NAME}: what it lacks is not known: " in shop.pulumi("preview").stdout
    told = shop.fails().splitlines()
    assert len([each for each in told if each.startswith(f"    error: acme/{NAME}: what it lacks is not known: ")]) == 1
    assert len(shop.pulls(OTHER)) == 1
    assert github_admin.secret(shop.lab.state, "acme", OTHER, "CR_PAT") == "lab-first-2f6e"
    github_admin.clear_faults(shop.lab.state)
    shop.works("--expect-no-changes")


@pytest.mark.slow
def test_a_repository_that_is_not_there_is_one_line(shop: GitHubStack) -> None:
    shop.configure({"hub2ghcr:github.repositories": {"no-such-one": {"secrets": {"CR_PAT": "one"}}}})
    assert "acme/no-such-one: no such repository, or its administrator cannot see it" in shop.fails("preview")
