"""The real GitHub provider against the lab's GitHub API: all that it asks keeps to GitHub's description."""

from __future__ import annotations

import os
import subprocess
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from lab import environment, github, github_admin
from lab.accounts import GITHUB_ADMIN
from lab.toolchain import Toolchain

pytestmark = pytest.mark.e2e

PROGRAM = """
import os
import pulumi
import pulumi_github as github

provider = github.Provider(
    "lab", base_url=os.environ["LAB_GITHUB_URL"] + "/", owner="acme", token=os.environ["TOKEN"], write_delay_ms=0
)
text = os.environ["TEXT"]

def after(*parents):
    return pulumi.ResourceOptions(provider=provider, depends_on=parents)

github.ActionsSecret("secret", repository="shop", secret_name="CR_PAT", value=pulumi.Output.secret(text), opts=after())
workflow = github.RepositoryFile(
    "workflow", repository="shop", file=".github/workflows/publish.yml", branch="main",
    content="name: publish\\non: push\\n# " + str(len(text)) + "\\n", overwrite_on_create=True, opts=after(),
)
branch = github.Branch("branch", repository="shop", branch="topic", opts=after(workflow))
file = github.RepositoryFile("file", repository="shop", file="a.txt", branch="topic", content="a", opts=after(branch))
github.RepositoryPullRequest(
    "pull", base_repository="shop", base_ref="main", head_ref="topic", title="Add a", body="", opts=after(file)
)
github.WorkflowRepositoryPermissions(
    "permissions", repository="shop", default_workflow_permissions="write", opts=after()
)
"""


@pytest.fixture
def lab_folder(tmp_path: Path) -> Iterator[Path]:
    state = tmp_path / "lab"
    github.up(state)
    yield state
    github.down(state)


@pytest.fixture
def pulumi(tmp_path: Path, lab_folder: Path, lab_tools: Toolchain) -> Callable[..., str]:
    program = tmp_path / "program"
    program.mkdir()
    (program / "Pulumi.yaml").write_text("name: provider\nruntime: python\n")
    (program / "__main__.py").write_text(textwrap.dedent(PROGRAM))
    env = {**os.environ, **environment.environment(lab_folder, lab_tools), "TOKEN": GITHUB_ADMIN.token}

    def run(*arguments: str, text: str = "first-value") -> str:
        done = subprocess.run(
            ["pulumi", *arguments, "--non-interactive", "--color", "never"],
            cwd=program,
            env={**env, "TEXT": text},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    run("stack", "init", "provider")
    return run


def test_the_provider_creates_changes_reads_and_removes(lab_folder: Path, pulumi: Callable[..., str]) -> None:
    assert "+ 8 created" in pulumi("up", "--yes", "--skip-preview")
    pulumi("preview", "--expect-no-changes")
    pulumi("refresh", "--yes", "--skip-preview", "--expect-no-changes")
    assert github_admin.secret(lab_folder, "acme", "shop", "CR_PAT") == "first-value"

    assert "~ 2 updated" in pulumi("up", "--yes", "--skip-preview", text="second value")
    assert github_admin.secret(lab_folder, "acme", "shop", "CR_PAT") == "second value"
    assert "second value" not in pulumi("stack", "export")

    assert "- 8 deleted" in pulumi("destroy", "--yes", "--skip-preview")
    url = f"{github.endpoint(lab_folder)}/api/v3/repos/acme/shop"
    assert httpx.get(f"{url}/contents/.github/workflows/publish.yml", trust_env=False).status_code == 404
    assert httpx.get(f"{url}/pulls/1", trust_env=False).json()["state"] == "closed"
    assert github_admin.violations(lab_folder) == []
    assert all("{" in path or path.endswith("/user") for path in github_admin.counters(lab_folder)), "an unknown route"
