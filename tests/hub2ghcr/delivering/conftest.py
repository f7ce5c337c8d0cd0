"""A repository at the stand-in for GitHub, and what a stack brings to it."""

from __future__ import annotations

import base64
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from hub2ghcr.credentials import Credential
from hub2ghcr.delivering import Brought, Delivery, Look, bring, look
from hub2ghcr.delivering.settled import Settled
from hub2ghcr.github import GitHub
from hub2ghcr.mapping import Mapping as ImageMapping
from hub2ghcr.mapping import Rule
from lab import github, github_admin
from lab.accounts import GITHUB_ADMIN

PATH = ".github/workflows/docker-publish.yml"
TEXT = "name: Publish\non: push\njobs: {}\n"
MAPPING = ImageMapping((Rule.parse("docker.io/acme/*", "ghcr.io/acme/*"),))


@dataclass
class Place:
    """A repository, and the delivery to it."""

    api: GitHub
    state: Path
    delivery: Delivery

    @property
    def parts(self) -> tuple[str, ...]:
        return ("repos", "acme", self.delivery.repository)

    def wants(self, **changes: Any) -> None:
        self.delivery = replace(self.delivery, **changes)

    def look(self, settled: Settled | None = None) -> Look:
        return look(self.api, self.delivery, settled)

    def bring(self) -> Brought:
        return bring(self.api, self.look().proposal, self.delivery.how)

    def get(self, *parts: str, **query: str) -> Any:
        return self.api.send("GET", *self.parts, *parts, query=query)

    def pulls(self) -> list[Any]:
        return list(self.get("pulls", state="all"))

    def content(self, path: str) -> str:
        found = self.get("contents", *path.split("/"))
        return base64.b64decode(found["content"]).decode() if found else ""

    def write(self, path: str, text: str, branch: str = "main") -> None:
        kept = self.get("contents", *path.split("/"), ref=branch)
        body = {"message": f"by hand: {path}", "content": base64.b64encode(text.encode()).decode(), "branch": branch}
        where = (*self.parts, "contents", *path.split("/"))
        self.api.send("PUT", *where, body=body | ({"sha": kept["sha"]} if kept else {}))

    def delete(self, path: str) -> None:
        body = {"message": "away", "sha": self.get("contents", *path.split("/"))["sha"]}
        self.api.send("DELETE", *self.parts, "contents", *path.split("/"), body=body)

    def merge(self, *, branch: bool = True) -> None:
        """Merge the newest pull request; ``branch`` says whether its branch stays."""
        self.api.send("PUT", *self.parts, "pulls", str(self.pulls()[0]["number"]), "merge", body={})
        if not branch:
            self.api.send("DELETE", *self.parts, "git", "refs", "heads", *self.delivery.branch.split("/"))

    def close(self) -> None:
        self.api.send("PATCH", *self.parts, "pulls", str(self.pulls()[0]["number"]), body={"state": "closed"})

    def calls(self) -> int:
        """How many calls there were since the last `forget`."""
        return sum(github_admin.counters(self.state).values())

    def forget(self) -> None:
        github_admin.reset_counters(self.state)


@pytest.fixture
def place(github_state: Path) -> Iterator[Place]:
    yield from made(github_state, {"README.md": "shop\n", "Dockerfile": "FROM scratch\n"})


def made(state: Path, files: Mapping[str, str]) -> Iterator[Place]:
    name = f"shop-{uuid.uuid4().hex[:8]}"
    github_admin.add_repository(state, "acme", name, files)
    with GitHub(github.endpoint(state), Credential(GITHUB_ADMIN.user, GITHUB_ADMIN.token)) as api:
        image = "ghcr.io/acme/shop"
        yield Place(api, state, Delivery("acme", name, "test", path=PATH, text=TEXT, image=image, mapping=MAPPING))
