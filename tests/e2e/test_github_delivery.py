"""Publish workflows that come by pull request or commit, through the engine: what is wanted is the default branch."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from hub2ghcr.publishing.actions import ACTIONS
from lab import github_admin
from tests.e2e import github_stack
from tests.e2e.conftest import Lab
from tests.e2e.github_stack import FILES, WORKFLOW, GitHubStack

NAME = "delivery"
HUB = {"image": "acme/shop", "username": "acmehub", "passwordSecret": "DOCKERHUB_TOKEN"}


@pytest.fixture
def shop(github_lab: Lab, tmp_path: Path) -> Iterator[GitHubStack]:
    """A stack of one repository, ``shop-NAME``, with a publish workflow."""
    github_admin.add_repository(github_lab.state, "acme", NAME, FILES)
    wanted = {"workflow": {"path": WORKFLOW, "image": "shop", "hub": HUB}}
    with github_stack.stack(github_lab, tmp_path, NAME, {NAME: wanted}, {}) as made:
        yield made


def merge(shop: GitHubStack, **how: object) -> None:
    number = shop.pulls(NAME)[0]["number"]
    github_admin.merge_pull(shop.lab.state, "acme", NAME, number, delete_branch=True, **how)  # type: ignore[arg-type]


@pytest.mark.slow
def test_a_workflow_is_proposed_merged_and_followed_through_the_phases_and_back(shop: GitHubStack) -> None:
    previewed = shop.pulumi("preview").stdout
    assert f"acme/{NAME}: pull request 'Publish ghcr.io/acme/shop and docker.io/acme/shop' to be opened" in previewed
    assert shop.pulls(NAME) == []
    told = shop.works()
    [pull] = shop.pulls(NAME)
    assert f"{pull['html_url']} opened, waits to be merged" in told
    assert (pull["head"]["ref"], pull["title"]) == (
        f"hub2ghcr/{NAME}",
        "Publish ghcr.io/acme/shop and docker.io/acme/shop",
    )
    assert f"{pull['html_url']} waits to be merged" in shop.unchanged()
    assert len(shop.pulls(NAME)) == 1

    merge(shop, method="squash")
    told = shop.unchanged()
    assert "waits" not in told
    assert f"acme/{NAME}: {WORKFLOW}: success: " in told, "the first run of the workflow, once it is merged"
    assert "docker.io" in shop.content(NAME, WORKFLOW)

    shop.phase("cutover")
    shop.unchanged()
    shop.phase("seal")
    assert "opened, waits to be merged" in shop.works()
    assert (len(shop.pulls(NAME)), shop.pulls(NAME)[0]["title"]) == (2, "Publish ghcr.io/acme/shop")
    merge(shop)
    shop.unchanged()
    assert "docker.io" not in shop.content(NAME, WORKFLOW)

    shop.phase("prepare")
    shop.works()
    merge(shop)
    shop.unchanged()
    assert "docker.io" in shop.content(NAME, WORKFLOW)


@pytest.mark.slow
def test_where_nothing_is_lacking_an_update_with_its_preview_makes_three_calls_for_a_repository(
    shop: GitHubStack,
) -> None:
    shop.configure({f"hub2ghcr:github.repositories.{NAME}.alsoRewrite": ["README.md"]})
    shop.works()
    merge(shop)
    shop.works()
    github_admin.reset_calls(shop.lab.state)
    done = shop.pulumi("up", "--yes", "--expect-no-changes")
    assert done.returncode == 0, done.stdout + done.stderr
    asked = [each["template"] for each in shop.calls() if "/repos/" in each["template"]]
    assert len(asked) <= 3, asked


@pytest.mark.slow
def test_what_was_declined_is_told_by_every_run_and_not_opened_again(shop: GitHubStack) -> None:
    shop.works()
    github_admin.close_pull(shop.lab.state, "acme", NAME, shop.pulls(NAME)[0]["number"])
    assert "was closed without being merged, so nothing is brought" in shop.unchanged()
    assert len(shop.pulls(NAME)) == 1
    shop.configure({f"hub2ghcr:github.repositories.{NAME}.workflow.semver": True})
    assert "opened, waits to be merged" in shop.works()


@pytest.mark.slow
def test_what_others_made_of_the_file_is_shown_and_never_overwritten(shop: GitHubStack) -> None:
    shop.works()
    merge(shop)
    theirs = shop.content(NAME, WORKFLOW).replace("ubuntu-latest", "our-runners")
    github_admin.commit(shop.lab.state, "acme", NAME, {WORKFLOW: theirs})
    shop.phase("seal")
    told = shop.unchanged()
    assert f"{WORKFLOW} was changed by others, and stays as it is" in told
    assert "our-runners" in told
    assert (shop.content(NAME, WORKFLOW), len(shop.pulls(NAME))) == (theirs, 1)
    github_admin.commit(shop.lab.state, "acme", NAME, {WORKFLOW: None})
    assert "opened, waits to be merged" in shop.works()


@pytest.mark.slow
def test_a_commit_is_made_where_that_is_said_and_a_protected_branch_gets_the_pull_request(shop: GitHubStack) -> None:
    shop.configure({"hub2ghcr:github.delivery": "commit"})
    assert f"acme/{NAME}: committed as " in shop.works()
    assert (shop.pulls(NAME), bool(shop.content(NAME, WORKFLOW))) == ([], True)
    shop.unchanged()
    github_admin.protect(shop.lab.state, "acme", NAME)
    shop.phase("seal")
    assert "its default branch takes no direct commit: " in shop.works()
    assert "docker.io" in shop.content(NAME, WORKFLOW)
    merge(shop)
    shop.unchanged()
    assert "docker.io" not in shop.content(NAME, WORKFLOW)


@pytest.mark.slow
def test_destroying_leaves_files_and_history(shop: GitHubStack) -> None:
    shop.works()
    merge(shop)
    head = shop.get(NAME, "git", "ref", "heads", "main")
    done = shop.pulumi("destroy", "--yes", "--skip-preview")
    assert done.returncode == 0, done.stdout
    assert shop.get(NAME, "git", "ref", "heads", "main") == head
    assert shop.content(NAME, WORKFLOW)
    shop.works()
    shop.unchanged()
    assert len(shop.pulls(NAME)) == 1


@pytest.mark.slow
def test_a_workflow_without_its_dockerfile_is_refused_before_it_is_written(shop: GitHubStack) -> None:
    github_admin.commit(shop.lab.state, "acme", NAME, {"Dockerfile": None})
    for command in ("preview", "up"):
        assert "no such file in the repository: 'Dockerfile'" in shop.fails(command)
    assert (shop.pulls(NAME), shop.content(NAME, WORKFLOW)) == ([], "")


@pytest.mark.slow
def test_references_to_the_old_image_come_in_the_same_pull_request(shop: GitHubStack) -> None:
    compose = "services: {a: {image: acme/shop:1, environment: {PASSWORD: in-plain-41f0}}}\n"
    files = {"README.md": "docker run acme/shop:1\n", "compose.yaml": compose}
    github_admin.commit(shop.lab.state, "acme", NAME, files)
    shop.configure({f"hub2ghcr:github.repositories.{NAME}.alsoRewrite": ["README.md", "compose*.y*ml"]})
    shown = shop.pulumi("preview", "--diff").stdout + shop.works("--diff")
    assert "in-plain-41f0" not in shown + json.dumps(shop.state())
    [pull] = shop.pulls(NAME)
    assert shop.get(NAME, "pulls", str(pull["number"]))["changed_files"] == 3
    merge(shop)
    assert shop.content(NAME, "README.md") == "docker run ghcr.io/acme/shop:1\n"
    assert shop.content(NAME, "compose.yaml") == compose.replace("acme", "ghcr.io/acme")
    shop.unchanged()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("step", "told"),
    [("login", "a secret that it signs in with"), ("build", "write_package")],
)
def test_a_run_that_failed_is_told_with_what_to_do(shop: GitHubStack, step: str, told: str) -> None:
    github_admin.set_new_runs(
        shop.lab.state, "acme", NAME, conclusion="failure", step=f"Run {ACTIONS[step].split()[0]}"
    )
    shop.configure({"hub2ghcr:github.delivery": "commit"})
    out = shop.works()
    assert f"acme/{NAME}: the run of {WORKFLOW} ended with failure: " in out
    assert told in out


@pytest.mark.slow
def test_a_run_that_succeeded_is_told_once_with_its_package(shop: GitHubStack) -> None:
    shop.configure({"hub2ghcr:github.delivery": "commit", "hub2ghcr:github.followSeconds": 10})
    assert "success: " in (out := shop.works())
    assert "package: https://github.com/orgs/acme/packages/container/shop/settings" in out
    assert "success: " not in shop.unchanged()
