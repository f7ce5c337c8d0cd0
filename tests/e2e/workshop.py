"""A repository of the lab's GitHub whose workflows run: the registries they push to, without a cluster."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from lab import github, github_admin, images, toolchain
from lab.accounts import GITHUB_ADMIN, HUB_PUBLISHER
from lab.oci import INDEX_TYPE, MANIFEST_TYPE
from lab.registry_config import Place
from lab.runner.event import Event
from lab.runner.run import Ran, run

NAME = "acme/runner"
PATH = ".github/workflows/publish.yml"
KINDS = f"{INDEX_TYPE}, {MANIFEST_TYPE}"
DOCKERFILE = """
FROM scratch AS image
COPY app /app
ENTRYPOINT ["/app"]
FROM image AS tests
RUN test -s app
FROM image
"""


@dataclass(frozen=True)
class Workshop:
    """The repository ``acme/runner``; ``DOCKERHUB_TOKEN`` is a secret of it that pushes to Docker Hub."""

    state: Path
    tools: toolchain.Toolchain

    def commit(self, files: Mapping[str, str | None]) -> str:
        return github_admin.commit(self.state, "acme", "runner", files)

    def run(self, happened: Event, path: str = PATH) -> Ran:
        return run(self.state, self.tools, NAME, path, happened)

    def digest(self, place: Place, tag: str, repository: str = NAME) -> str | None:
        with images.behind(self.state, place, repository) as client:
            found = client.head(f"/v2/{repository}/manifests/{tag}", headers={"Accept": KINDS})
        return found.headers.get("docker-content-digest") if found.status_code == 200 else None

    def manifest(self, place: Place, tag: str, repository: str = NAME) -> Any:
        with images.behind(self.state, place, repository) as client:
            return client.get(f"/v2/{repository}/manifests/{tag}", headers={"Accept": INDEX_TYPE}).json()

    def package(self, name: str) -> Any:
        """What GitHub shows of a package, a moment after it was pushed."""
        url = f"{github.endpoint(self.state)}/api/v3/orgs/acme/packages/container/{name}"
        for _ in range(50):
            found = httpx.get(url, headers={"Authorization": f"Bearer {GITHUB_ADMIN.token}"}, trust_env=False)
            if found.status_code == 200:
                return found.json()
            time.sleep(0.1)
        raise AssertionError(found.text)


def workshop(state: Path, workflow: str) -> Workshop:
    """The repository begun anew, in a lab whose registries run; ``workflow`` is its only one."""
    github.up(state)
    files = {"Dockerfile": DOCKERFILE, "app": "program", PATH: workflow}
    github_admin.add_repository(state, "acme", "runner", files, private=True)
    github_admin.set_secret(state, "acme", "runner", "CR_PAT", "pat-of-nobody")
    github_admin.set_secret(state, "acme", "runner", "DOCKERHUB_TOKEN", HUB_PUBLISHER.token)
    return Workshop(state, toolchain.resolve(["act"], quiet=True))
