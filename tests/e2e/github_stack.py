"""Stacks of GitHub's side alone: the real engine and the real provider against the stand-in for GitHub, no cluster."""

from __future__ import annotations

import base64
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import yaml

from hub2ghcr.credentials import Credential
from hub2ghcr.github import GitHub
from lab import environment, github, github_admin
from lab.accounts import GITHUB_ADMIN
from lab.toolchain import Toolchain
from tests.e2e.conftest import ROOT, Lab
from tests.e2e.stack import Stack

WORKFLOW = ".github/workflows/docker-publish.yml"
FILES = {"README.md": "shop\n", "Dockerfile": "FROM scratch\n"}


@dataclass
class GitHubStack(Stack):
    """One stack and its repositories; ``tokens`` are the values of its credentials, by their names."""

    tokens: dict[str, str] = field(default_factory=dict)

    @property
    def state_folder(self) -> Path:
        return self.lab.state

    def api(self) -> GitHub:
        """GitHub as its administrator."""
        return GitHub(github.endpoint(self.lab.state), Credential(GITHUB_ADMIN.user, GITHUB_ADMIN.token))

    def get(self, repository: str, *parts: str, **query: str) -> Any:
        with self.api() as api:
            return api.send("GET", "repos", "acme", repository, *parts, query=query)

    def pulls(self, repository: str) -> list[Any]:
        """All pull requests, the newest first."""
        return list(self.get(repository, "pulls", state="all"))

    def content(self, repository: str, path: str) -> str:
        """A file of the default branch, empty where there is none."""
        found = self.get(repository, "contents", *path.split("/"))
        return base64.b64decode(found["content"]).decode() if found else ""

    def token(self, name: str, value: str) -> None:
        """Give a credential a value; the engine encrypts it."""
        self.tokens[name] = value
        done = self.lab.run(
            "pulumi", "config", "set", "--secret", f"hub2ghcr:{name}Token", value, "--stack", self.name, cwd=self.folder
        )
        assert done.returncode == 0, done.stderr

    def works(self, *flags: str) -> str:
        """Apply; return what was told."""
        done = self.up(*flags)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def fails(self, command: str = "up") -> str:
        """Apply, or preview, what is refused; return what was told: no traceback, and no token."""
        done = self.up() if command == "up" else self.pulumi(command)
        text = done.stdout + done.stderr
        assert done.returncode != 0, text
        assert "Traceback" not in text
        self.keeps_quiet(done)
        return text

    def unchanged(self) -> str:
        """An update and a refresh that change nothing; return what the update told."""
        told = self.works("--expect-no-changes")
        done = self.pulumi("refresh", "--yes", "--skip-preview", "--expect-no-changes")
        assert done.returncode == 0, done.stdout + done.stderr
        return told

    def keeps_quiet(self, done: CompletedProcess[str]) -> None:
        """No token stands in what was told."""
        values = [*self.tokens.values(), GITHUB_ADMIN.token]
        assert not [value for value in values if value in done.stdout + done.stderr]

    def phase(self, phase: str) -> None:
        self.configure({"hub2ghcr:phase": phase})

    def calls(self) -> list[dict[str, Any]]:
        """The calls of the API since the last reset."""
        return github_admin.calls(self.lab.state)


def lab(state: Path, tools: Toolchain) -> Iterator[Lab]:
    """A lab of the stand-in for GitHub alone; in the end nothing has broken GitHub's description."""
    github.up(state)
    yield Lab(state, tools, {**os.environ, **environment.environment(state, tools)})
    violations = github_admin.violations(state)
    github.down(state)
    assert violations == []


@contextmanager
def stack(
    lab: Lab, folder: Path, name: str, repositories: Mapping[str, Any], tokens: Mapping[str, str], **more: Any
) -> Iterator[GitHubStack]:
    """Write a program's folder with one stack, and begin its state; in the end it is destroyed.

    Args:
        lab: where.
        folder: an empty one.
        name: of the stack.
        repositories: of the settings.
        tokens: values of credentials, by names.
        more: further keys of the section ``github``.
    """
    shutil.copy(ROOT / "Pulumi.yaml", folder)
    for part in ("__main__.py", "components", "hub2ghcr", "requirements.txt", ".venv"):
        (folder / part).symlink_to(ROOT / part)
    (folder / "stacks").mkdir()
    (folder / "images.lock.yaml").write_text("version: 1\nimages: []\n")
    base = yaml.safe_load((ROOT / "stacks" / "Pulumi.demo.yaml").read_text())
    config = base["config"]
    del config["hub2ghcr:clusters"]
    config["hub2ghcr:phase"] = "prepare"
    config["hub2ghcr:credentials"] |= {
        each: {"username": f"acme-{each}", "secretKey": f"{each}Token"} for each in tokens
    }
    config["hub2ghcr:github"] = {
        "owner": "acme",
        "endpoint": "${LAB_GITHUB_URL}",
        "credential": "github-admin",
        "followSeconds": 0,
        "repositories": dict(repositories),
        **more,
    }
    made = GitHubStack(lab, folder, {}, name)
    made.file.write_text(yaml.safe_dump(base, sort_keys=False))
    begun = made.pulumi("stack", "init")
    assert begun.returncode == 0, begun.stderr
    for each, value in tokens.items():
        made.token(each, value)
    yield made
    made.pulumi("destroy", "--yes", "--skip-preview")
    made.pulumi("stack", "rm", "--yes", "--force")
