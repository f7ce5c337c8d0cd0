"""Workflows of a repository, from Docker Hub to GHCR: shown, proposed, merged, and nothing left to do."""

from __future__ import annotations

import base64
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from hub2ghcr.credentials import Credential, variable
from hub2ghcr.github import GitHub
from lab import github, github_admin
from lab.accounts import GITHUB_ADMIN
from tests.e2e.conftest import ROOT

pytestmark = pytest.mark.e2e

PAIRS = ROOT / "tests/hub2ghcr/workflows"
CASES = ("publish", "reusable", "composite", "bake")


def contents(side: str, case: str) -> dict[str, str]:
    folder = PAIRS / side / case
    return {each.relative_to(folder).as_posix(): each.read_text() for each in folder.rglob("*") if each.is_file()}


@dataclass(frozen=True)
class Lab:
    """GitHub's stand-in, and a project whose stack may change the repositories there."""

    state: Path
    project: Path

    def workflows(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "hub2ghcr", "workflows", "-s", "lab", *arguments],
            cwd=self.project,
            env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT), variable("adminToken"): GITHUB_ADMIN.token},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=120,
        )

    def api(self) -> GitHub:
        return GitHub(github.endpoint(self.state), Credential(GITHUB_ADMIN.user, GITHUB_ADMIN.token))

    def merge(self, name: str) -> None:
        with self.api() as api:
            [pull] = api.send("GET", "repos", "acme", name, "pulls")
            number = str(pull["number"])
            api.send("PUT", "repos", "acme", name, "pulls", number, "merge", body={"merge_method": "squash"})

    def files(self, name: str, paths: dict[str, str]) -> dict[str, str]:
        with self.api() as api:
            found = {path: api.send("GET", "repos", "acme", name, "contents", *path.split("/")) for path in paths}
        return {path: base64.b64decode(each["content"]).decode() for path, each in found.items()}


@pytest.fixture
def lab_of_workflows(tmp_path: Path) -> Iterator[Lab]:
    state, project = tmp_path / "lab", tmp_path / "project"
    github.up(state)
    config = {
        "pulumi:disable-default-providers": ["kubernetes", "github"],
        "hub2ghcr:credentials": {"admin": {"username": GITHUB_ADMIN.user, "secretKey": "adminToken"}},
        "hub2ghcr:adminToken": {"secure": "v1:a:b"},
        "hub2ghcr:mapping": {
            "rules": [
                {"from": "docker.io/library/*", "to": "ghcr.io/acme/mirror/*"},
                {"from": "docker.io/acme/*", "to": "ghcr.io/acme/*"},
            ]
        },
        "hub2ghcr:github": {"owner": "acme", "credential": "admin", "endpoint": github.endpoint(state)},
    }
    (project / "stacks").mkdir(parents=True)
    (project / "stacks/Pulumi.lab.yaml").write_text(yaml.safe_dump({"config": config}))
    for case in CASES:
        github_admin.add_repository(state, "acme", f"ci-{case}", contents("before", case))
    yield Lab(state, project)
    assert github_admin.violations(state) == []
    github.down(state)


def test_workflows_are_shown_as_a_diff_proposed_and_once_merged_done(lab_of_workflows: Lab) -> None:
    lab = lab_of_workflows
    shown = lab.workflows("--repo", "acme/ci-publish", "--diff")
    assert shown.returncode == 0, shown.stderr
    assert "+          registry: ghcr.io\n" in shown.stdout and "+      packages: write\n" in shown.stdout
    assert lab.files("ci-publish", contents("before", "publish")) == contents("before", "publish")

    named = [argument for case in CASES for argument in ("--repo", f"acme/ci-{case}")]
    first, again = lab.workflows(*named, "--propose"), lab.workflows(*named, "--propose")
    for done, state in ((first, "opened: "), (again, "unchanged: ")):
        assert (done.returncode, sum(line.startswith(state) for line in done.stdout.splitlines())) == (0, 4), (
            done.stderr
        )
    for case in CASES:
        lab.merge(f"ci-{case}")
        assert lab.files(f"ci-{case}", contents("after", case)) == contents("after", case)

    github_admin.reset_counters(lab.state)
    done = lab.workflows("--org", "acme", "--propose")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "proposed: 0 places in 0 files"
    assert {method for method, _, _ in (each.partition(" ") for each in github_admin.counters(lab.state))} == {"GET"}


def test_what_a_repository_declined_is_not_proposed_again(lab_of_workflows: Lab) -> None:
    lab = lab_of_workflows
    assert lab.workflows("--repo", "acme/ci-publish", "--propose").returncode == 0
    with lab.api() as api:
        [pull] = api.send("GET", "repos", "acme", "ci-publish", "pulls")
        api.send("PATCH", "repos", "acme", "ci-publish", "pulls", str(pull["number"]), body={"state": "closed"})
    done = lab.workflows("--repo", "acme/ci-publish", "--propose")
    assert done.returncode == 2 and "was closed without being merged" in done.stderr
    assert lab.files("ci-publish", contents("before", "publish")) == contents("before", "publish")
