"""What opens Docker Hub goes at seal, and comes back on the way back, through the engine."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from lab import github_admin
from lab.github_api import faults
from tests.e2e import github_stack
from tests.e2e.conftest import Lab
from tests.e2e.github_stack import FILES, WORKFLOW, GitHubStack

NAME = "sealed"
HUB = {"image": "acme/shop", "usernameSecret": "DOCKERHUB_USERNAME", "passwordSecret": "DOCKERHUB_TOKEN"}
REMOVED = {"DOCKERHUB_TOKEN": {"credential": "hub"}, "DOCKERHUB_USERNAME": {"lostForGood": True}}
TOKEN = "lab-hub-push-5f9a0c"


@pytest.fixture
def shop(github_lab: Lab, tmp_path: Path) -> Iterator[GitHubStack]:
    """A repository with its Docker Hub secrets, set by hand, and a stack in ``prepare`` that pushes to both."""
    github_admin.add_repository(github_lab.state, "acme", NAME, FILES)
    for name in (*REMOVED, "OTHER"):
        github_admin.set_secret(github_lab.state, "acme", NAME, name, "by hand")
    wanted = {"workflow": {"path": WORKFLOW, "image": "shop", "hub": HUB}, "removeAtSeal": REMOVED}
    with github_stack.stack(github_lab, tmp_path, NAME, {NAME: wanted}, {"hub": TOKEN}) as made:
        yield made


def merge(shop: GitHubStack) -> None:
    github_admin.merge_pull(shop.lab.state, "acme", NAME, shop.pulls(NAME)[0]["number"], delete_branch=True)


def secrets(shop: GitHubStack) -> dict[str, str]:
    return github_admin.secrets(shop.lab.state, "acme", NAME)


@pytest.mark.slow
def test_they_go_when_nothing_reads_them_any_more_and_the_way_back_restores_what_it_can(shop: GitHubStack) -> None:
    shop.works()
    merge(shop)
    shop.unchanged()
    assert set(secrets(shop)) == {*REMOVED, "OTHER"}

    shop.phase("seal")
    told = shop.works()
    assert f"acme/{NAME}: secret DOCKERHUB_TOKEN is not removed: {WORKFLOW} on the default branch reads it" in told
    assert set(secrets(shop)) == {*REMOVED, "OTHER"}
    merge(shop)
    foretold = shop.pulumi("preview").stdout
    assert all(f"acme/{NAME}: secret {each} to be removed" in foretold for each in REMOVED), foretold
    assert "is not removed" not in shop.works()
    assert "to be removed" not in shop.pulumi("preview").stdout
    assert set(secrets(shop)) == {"OTHER"}
    shop.unchanged()

    shop.phase("cutover")
    done = shop.up()
    assert done.returncode == 0, done.stdout
    assert secrets(shop) == {"DOCKERHUB_TOKEN": TOKEN, "OTHER": "by hand"}
    assert "secret DOCKERHUB_USERNAME was removed at seal, and nobody has it; set it: gh secret set" in done.stdout
    shop.keeps_quiet(done)
    assert TOKEN not in json.dumps(shop.state())


def test_a_preview_at_seal_says_who_keeps_a_secret(shop: GitHubStack) -> None:
    github_admin.commit(
        shop.lab.state, "acme", NAME, {".github/workflows/old.yml": "on: push # ${{ secrets.DOCKERHUB_TOKEN }}\n"}
    )
    shop.phase("seal")
    told = shop.pulumi("preview").stdout
    assert "secret DOCKERHUB_TOKEN is not removed: .github/workflows/old.yml on the default branch reads it" in told
    assert set(secrets(shop)) == {*REMOVED, "OTHER"}


@pytest.mark.slow
def test_where_workflows_are_committed_a_preview_says_the_same_as_the_one_run_that_seals(shop: GitHubStack) -> None:
    shop.configure({"hub2ghcr:github.delivery": "commit"})
    shop.works()
    shop.phase("seal")
    foretold = shop.pulumi("preview").stdout
    assert f"acme/{NAME}: secret DOCKERHUB_TOKEN to be removed" in foretold
    assert "is not removed" not in foretold
    assert "is not removed" not in shop.works()
    assert set(secrets(shop)) == {"OTHER"}
    shop.phase("cutover")
    shop.works()
    assert "docker.io" in shop.content(NAME, WORKFLOW)
    assert secrets(shop) == {"DOCKERHUB_TOKEN": TOKEN, "OTHER": "by hand"}


@pytest.mark.slow
def test_after_a_seal_that_broke_off_between_two_secrets_a_phase_back_restores_the_first(shop: GitHubStack) -> None:
    """The first removal was saved nowhere: the control is the unit test without the notice."""
    last = "actions/secrets/DOCKERHUB_USERNAME$"
    github_admin.inject(shop.lab.state, faults.INVALID, path=last, method="DELETE", count=-1)
    shop.works()
    shop.phase("seal")
    assert "GitHub answered 422" in shop.fails()
    github_admin.clear_faults(shop.lab.state)
    assert set(secrets(shop)) == {"DOCKERHUB_USERNAME", "OTHER"}
    shop.phase("cutover")
    shop.pulumi("preview")
    shop.works()
    assert secrets(shop) == {"DOCKERHUB_TOKEN": TOKEN, "DOCKERHUB_USERNAME": "by hand", "OTHER": "by hand"}
    shop.unchanged()


@pytest.mark.slow
def test_destroying_at_seal_neither_restores_nor_removes(shop: GitHubStack) -> None:
    shop.phase("seal")
    shop.works()
    assert set(secrets(shop)) == {"OTHER"}
    done = shop.pulumi("destroy", "--yes", "--skip-preview")
    assert done.returncode == 0, done.stdout
    assert set(secrets(shop)) == {"OTHER"}


@pytest.mark.slow
def test_destroying_before_seal_removes_none(shop: GitHubStack) -> None:
    shop.works()
    done = shop.pulumi("destroy", "--yes", "--skip-preview")
    assert done.returncode == 0, done.stdout
    assert set(secrets(shop)) == {*REMOVED, "OTHER"}
