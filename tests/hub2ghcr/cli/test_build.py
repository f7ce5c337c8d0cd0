"""``hub2ghcr build``: what is told before anything starts, run as a user runs it, and what becomes of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from hub2ghcr import cluster_access
from hub2ghcr.cli.build import command
from hub2ghcr.platforms.kaniko import building
from hub2ghcr.platforms.kaniko.build import Build
from hub2ghcr.platforms.kaniko.building import Built, Site

from ..conftest import Project

DIGEST = "sha256:" + "a" * 64


@pytest.fixture
def runs(project: Project, monkeypatch: pytest.MonkeyPatch) -> list[tuple[Build, Site, dict[str, Any]]]:
    """What was built, instead of being built."""
    found: list[tuple[Build, Site, dict[str, Any]]] = []

    def build(wanted: Build, site: Site, content: Path | None, **how: Any) -> Built:
        site.tell("a line of the log")
        found.append((wanted, site, how))
        return Built(DIGEST, tuple(f"{each}@{DIGEST}" for each in wanted.destinations))

    project.write("app/Dockerfile", "FROM scratch\n")
    project.save()
    monkeypatch.chdir(project.root)
    monkeypatch.setenv("HUB2GHCR_SECRET_PUSH_TOKEN", "the-value")
    monkeypatch.setattr(building, "build", build)
    monkeypatch.setattr(cluster_access, "one", lambda *_: None)
    return found


def run(*arguments: str) -> Any:
    return CliRunner().invoke(command, ["app", "-s", "test", "-n", "builds", *arguments])


def test_the_reference_goes_to_stdout_and_everything_else_to_stderr(runs: list[Any]) -> None:
    done = run("--image", "ghcr.io/acme/my.shop:1", "--tag", "2", "--build-arg", "A=b=c", "--keep")
    assert done.exit_code == 0, done.output
    assert done.stdout.splitlines() == [f"ghcr.io/acme/my.shop:{tag}@{DIGEST}" for tag in ("1", "2")]
    assert "a line of the log" in done.stderr and "of one" in done.stderr
    [(wanted, site, how)] = runs
    assert wanted.name == "my-shop" and wanted.args == {"A": "b=c"} and how["keep"] is True
    assert site.namespace == "builds" and site.credential.secret == "the-value"
    assert "the-value" not in done.output


def test_two_who_build_the_same_do_not_share_a_job(runs: list[Any]) -> None:
    run("--image", "ghcr.io/acme/shop:1")
    run("--image", "ghcr.io/acme/shop:1")
    assert runs[0][2]["name"] != runs[1][2]["name"]


def test_json_has_the_digest(runs: list[Any]) -> None:
    done = run("--image", "ghcr.io/acme/shop:1", "--output", "json")
    assert json.loads(done.stdout) == {
        "version": 1,
        "digest": DIGEST,
        "references": [f"ghcr.io/acme/shop:1@{DIGEST}"],
    }


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--image", "ghcr.io/acme/shop"), "no tag"),
        (("--image", f"ghcr.io/acme/shop:1@{DIGEST}"), "a digest is what a build tells"),
        (("--image", "ghcr.io/acme/shop:1:2"), "--image ghcr.io/acme/shop:1:2"),
        (("--image", "ghcr.io/acme/shop", "--tag", "a b"), "--tag a b"),
        (("--image", "acme/shop:1"), "is no name on GHCR"),
        (("--image", "ghcr.io/acme/shop:1", "--cluster", "other"), "name a cluster of the stack with --cluster: one"),
        (("--image", "ghcr.io/acme/shop:1", "--build-arg", "A"), "write KEY=VALUE"),
    ],
)
def test_wrong_use_is_told(runs: list[Any], arguments: tuple[str, ...], told: str) -> None:
    done = run(*arguments)
    assert done.exit_code == 2 and told in done.stderr
    assert runs == []


def test_what_surprises_is_noted(runs: list[Any], project: Project) -> None:
    project.write("app/web/Dockerfile", "FROM scratch\nUSER 1000:50\nRUN true\n")
    done = run("--image", "ghcr.io/acme/shop:1", "--sub-path", "web")
    assert done.exit_code == 0 and "note: " in done.stderr


def test_an_interrupted_build_has_its_own_exit_code(runs: list[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object, **__: object) -> Built:
        raise KeyboardInterrupt

    monkeypatch.setattr(building, "build", interrupted)
    done = run("--image", "ghcr.io/acme/shop:1")
    assert done.exit_code == 130 and "interrupted" in done.stderr
