"""GHCR and GitHub as one about tokens: what GitHub knows of a token decides at the registry."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from lab import github, github_admin, images
from lab.accounts import Account
from tests.lab.conftest import Registries
from tests.lab.test_github_packages import _soon

NEW = "repository:acme/fresh:pull,push"


@pytest.fixture
def pair_with_github(pair: Registries) -> Iterator[Registries]:
    github.up(pair.state)
    yield pair
    github.down(pair.state)


def _account(token: str, user: str = "acme-admin") -> Account:
    return Account(user, token, frozenset({"ghcr"}))


def test_a_token_that_github_knows_opens_what_its_scopes_say(pair_with_github: Registries) -> None:
    pair = pair_with_github
    github_admin.add_token(pair.state, "acme-admin", "lab-rw", ["write:packages"])
    github_admin.add_token(pair.state, "acme-admin", "lab-r", ["read:packages"])
    image = images.make("acme/fresh:1")
    with pair.client("ghcr", NEW, _account("lab-rw")) as client:
        images.push(client, "acme/fresh", "1", image)
    with pair.client("ghcr", NEW, _account("lab-r")) as client:
        assert client.get("/v2/acme/fresh/manifests/1").status_code == 200
        refused = client.put("/v2/acme/fresh/manifests/2", content=b"{}")
        assert refused.status_code == 403 and "permission_denied: write_package" in refused.text


@pytest.mark.parametrize("text", ["github_pat_lab", "unknown", "lab-old"])
def test_a_fine_grained_an_unknown_or_an_expired_token_does_not_log_in(pair_with_github: Registries, text: str) -> None:
    """Even for what is public: a refused login is no anonymous one."""
    pair = pair_with_github
    permissions = {"packages": "write"}
    github_admin.add_token(pair.state, "acme-admin", "github_pat_lab", permissions=permissions, repositories=["acme/*"])
    github_admin.add_token(pair.state, "acme-admin", "lab-old", ["write:packages"], expires="2020-01-01 00:00:00 UTC")
    public = "repository:acme/tools:pull"
    assert pair.get_token("ghcr", public).status_code == 200
    refused = pair.get_token("ghcr", public, _account(text))
    assert (refused.status_code, refused.json()["errors"][0]["message"]) == (403, "denied")


def test_an_apps_token_logs_in_and_opens_nothing_private(pair_with_github: Registries) -> None:
    pair = pair_with_github
    github_admin.add_token(
        pair.state, "acme-app[bot]", "ghs_app", permissions={"packages": "write"}, repositories=["acme/*"]
    )
    account = _account("ghs_app", "x-access-token")
    assert pair.get_token("ghcr", "", account).status_code == 200
    assert pair.get_token("ghcr", NEW, account).status_code == 403


def test_what_a_workflow_pushes_is_linked_and_what_a_person_pushed_is_closed_to_it(
    pair_with_github: Registries,
) -> None:
    pair = pair_with_github
    state = pair.state
    github_admin.add_token(
        state,
        "github-actions[bot]",
        "ghs_job",
        kind="actions",
        permissions={"packages": "write"},
        repositories=["acme/shop"],
    )
    github_admin.add_token(state, "acme-admin", "lab-all", ["repo", "write:packages"])
    for name, token in (("by-job", "ghs_job"), ("by-hand", "lab-all")):
        with pair.client("ghcr", f"repository:acme/{name}:pull,push", _account(token)) as client:
            images.push(client, f"acme/{name}", "1", images.make(f"acme/{name}:1"))
    headers = {"Authorization": "Bearer lab-all"}
    base = f"{github.endpoint(state)}/api/v3/orgs/acme/packages/container"
    with httpx.Client(headers=headers, trust_env=False, timeout=10) as client:
        linked = _soon(lambda: client.get(f"{base}/by-job"))
        unlinked = _soon(lambda: client.get(f"{base}/by-hand"))
    assert linked["repository"]["full_name"] == "acme/shop" and "repository" not in unlinked
    assert (linked["visibility"], unlinked["visibility"]) == ("private", "private")
    closed = "repository:acme/by-hand:pull,push"
    assert pair.get_token("ghcr", closed, _account("ghs_job")).status_code == 403
    github_admin.allow_package(state, "acme", "by-hand", "acme/shop", "write")
    assert pair.get_token("ghcr", closed, _account("ghs_job")).status_code == 200


def test_without_github_only_the_registrys_own_accounts_are_known(pair: Registries) -> None:
    assert pair.get_token("ghcr", NEW, _account("lab-rw")).status_code == 403
