"""``hub2ghcr render``, run as a user runs it; GitHub is the stand-in, as a process."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from hub2ghcr.credentials import Credential
from hub2ghcr.github import GitHub
from lab import github, github_admin
from lab.accounts import GITHUB_ADMIN

from ..conftest import DIGEST, Project
from ..rendering.test_target import DEPLOYMENT, RENDERED, rendering_to
from .test_plan import run

SECRET = {"HUB2GHCR_SECRET_ADMIN_TOKEN": GITHUB_ADMIN.token}


@pytest.fixture
def shop(project: Project) -> Project:
    """The stack renders one file into the folder ``out``."""
    project.write("apps/web.yaml", DEPLOYMENT)
    rendering_to(project, {"folder": "out"}, "apps")
    return project.save()


@pytest.fixture
def deploy(project: Project, github_state: Path) -> Project:
    """The stack renders one file into the repository acme/deploy."""
    github_admin.reset(github_state)
    github_admin.add_repository(github_state, "acme", "deploy", {"shop/web.yaml": DEPLOYMENT})
    project.write("apps/web.yaml", DEPLOYMENT)
    rendering_to(project, {"repository": "acme/deploy", "path": "shop", "branch": "ghcr"}, "apps")

    def change(config: dict[str, Any]) -> None:
        config["github"]["endpoint"] = github.endpoint(github_state)
        config["credentials"]["admin"]["username"] = GITHUB_ADMIN.user

    return project.change(change).save()


def test_a_folder_is_written_once_and_then_as_it_should_be(shop: Project) -> None:
    first = run(shop.root, "render", "-s", "test")
    assert (first.returncode, first.stdout, first.stderr) == (0, "written: out/web.yaml\n", "")
    assert (shop.root / "out" / "web.yaml").read_text() == RENDERED
    assert run(shop.root, "render", "-s", "test").stdout == "unchanged: out (1 file)\n"


def test_check_fails_until_the_folder_is_up_to_date_and_writes_nothing(shop: Project) -> None:
    done = run(shop.root, "render", "-s", "test", "--check")
    assert (done.returncode, done.stdout) == (1, "would write: out/web.yaml\n")
    assert done.stderr.startswith("error: out: not up to date: 1 file; run the same without --check")
    assert not (shop.root / "out").exists()
    run(shop.root, "render", "-s", "test")
    assert run(shop.root, "render", "-s", "test", "--check").returncode == 0


def test_a_diff_shows_the_bytes_that_change(shop: Project) -> None:
    run(shop.root, "render", "-s", "test")
    shop.write("apps/web.yaml", DEPLOYMENT.replace("# first", "# one"))
    done = run(shop.root, "render", "-s", "test", "--diff")
    assert done.returncode == 0
    assert "--- a/out/web.yaml\n+++ b/out/web.yaml\n" in done.stdout
    assert "-        - name: web   # first\n+        - name: web   # one\n" in done.stdout
    assert (shop.root / "out" / "web.yaml").read_text() == RENDERED


def test_files_of_others_end_the_run_and_stay(shop: Project) -> None:
    shop.write("out/web.yaml", "mine\n")
    done = run(shop.root, "render", "-s", "test")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("error: out/web.yaml: was not written by hub2ghcr")
    assert (shop.root / "out" / "web.yaml").read_text() == "mine\n"


def test_a_stack_without_such_namespaces_has_nothing_to_render(project: Project) -> None:
    done = run(project.save().root, "render", "-s", "test")
    assert done.stdout == "nothing to render: no namespace of test has workloads of `delivery: render`\n"


def test_a_pull_request_is_opened_once_updated_and_done_when_merged(deploy: Project, github_state: Path) -> None:
    first = run(deploy.root, "render", "-s", "test", **SECRET)
    assert first.stdout.startswith("opened: http") and first.stdout.endswith("/pull/1 (1 file)\n"), first.stderr
    again = run(deploy.root, "render", "-s", "test", **SECRET)
    assert again.stdout == first.stdout.replace("opened", "unchanged")
    assert run(deploy.root, "render", "-s", "test", "--check", **SECRET).returncode == 1
    diff = run(deploy.root, "render", "-s", "test", "--diff", **SECRET).stdout
    assert diff.startswith("--- a/acme/deploy/shop/web.yaml\n") and f"@{DIGEST}" in diff
    with GitHub(github.endpoint(github_state), Credential(GITHUB_ADMIN.user, GITHUB_ADMIN.token)) as api:
        api.send("PUT", "repos", "acme", "deploy", "pulls", "1", "merge", body={})
    assert run(deploy.root, "render", "-s", "test", **SECRET).stdout == "unchanged: acme/deploy (1 file)\n"
    assert run(deploy.root, "render", "-s", "test", "--check", **SECRET).returncode == 0


def test_a_declined_pull_request_is_reported(deploy: Project, github_state: Path) -> None:
    run(deploy.root, "render", "-s", "test", **SECRET)
    with GitHub(github.endpoint(github_state), Credential(GITHUB_ADMIN.user, GITHUB_ADMIN.token)) as api:
        api.send("PATCH", "repos", "acme", "deploy", "pulls", "1", body={"state": "closed"})
    done = run(deploy.root, "render", "-s", "test", **SECRET)
    assert done.returncode == 1
    assert "/pull/1: was closed without being merged, and is not opened again" in done.stderr


def test_without_its_credential_no_pull_request_is_made(deploy: Project) -> None:
    done = run(deploy.root, "render", "-s", "test")
    assert done.returncode == 1
    assert done.stderr == "error: admin: its value is not here; set HUB2GHCR_SECRET_ADMIN_TOKEN\n"
