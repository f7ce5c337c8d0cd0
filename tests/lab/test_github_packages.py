"""The registry and the GitHub API as one: what is pushed here appears there, what is deleted there is gone here."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from lab import github, github_admin, registry_admin
from lab.accounts import MIGRATION
from tests.lab.conftest import Registries

TOOLS = "/orgs/acme/packages/container/tools"


@pytest.fixture
def call(pair: Registries) -> Iterator[Callable[..., httpx.Response]]:
    github.up(pair.state)
    scopes = ["delete:packages", "read:packages", "write:packages"]
    github_admin.add_token(pair.state, "acme-admin", "lab-packages-admin", scopes)
    headers = {"Authorization": "Bearer lab-packages-admin"}
    base = f"{github.endpoint(pair.state)}/api/v3"
    with httpx.Client(base_url=base, headers=headers, trust_env=False, timeout=10) as client:
        yield client.request
    assert github_admin.violations(pair.state) == []
    github.down(pair.state)


def _soon(question: Callable[[], httpx.Response], word: str = "") -> Any:
    """The answer once it is a success with this word in it: the registry tells of pushes a moment after them."""
    end = time.monotonic() + 10
    while time.monotonic() < end:
        answer = question()
        if answer.is_success and word in answer.text:
            return answer.json()
        time.sleep(0.1)
    raise AssertionError(answer.text)


def test_a_pushed_image_is_a_package_that_is_seen_deleted_and_restored(
    pair: Registries, call: Callable[..., httpx.Response]
) -> None:
    registry = pair.client("ghcr", "repository:acme/tools:pull,push", MIGRATION)
    index = registry.get("/v2/acme/tools/manifests/3")
    media_type = index.headers["content-type"]
    pushed = registry.put("/v2/acme/tools/manifests/3.1", content=index.content, headers={"Content-Type": media_type})
    assert pushed.status_code == 201, pushed.text

    versions = _soon(lambda: call("GET", f"{TOOLS}/versions"), word='"3.1"')
    assert "3.1" in [tag for one in versions for tag in one["metadata"]["container"]["tags"]]
    found = call("GET", TOOLS).json()
    assert found["visibility"] == registry_admin.visibility(pair.state, "ghcr")["acme/tools"]

    assert call("DELETE", TOOLS).status_code == 204
    assert registry.get("/v2/acme/tools/manifests/3.1").status_code == 404
    assert call("POST", f"{TOOLS}/restore").status_code == 204
    again = registry.get("/v2/acme/tools/manifests/3.1")
    assert again.status_code == 200 and again.content == index.content


def test_a_package_made_public_is_pulled_by_anyone(pair: Registries, call: Callable[..., httpx.Response]) -> None:
    registry = pair.client("ghcr", "repository:acme/tools:pull,push", MIGRATION)
    index = registry.get("/v2/acme/tools/manifests/3")
    headers = {"Content-Type": index.headers["content-type"]}
    assert registry.put("/v2/acme/tools/manifests/3", content=index.content, headers=headers).status_code == 201
    _soon(lambda: call("GET", TOOLS))
    registry_admin.set_visibility(pair.state, "ghcr", "acme/tools", "private")
    assert pair.get_token("ghcr", "repository:acme/tools:pull").status_code == 403
    assert call("GET", TOOLS).json()["visibility"] == "private"
    github_admin.set_visibility(pair.state, "acme", "tools", "public")
    assert pair.get_token("ghcr", "repository:acme/tools:pull").status_code == 200
    assert call("GET", TOOLS).json()["visibility"] == "public"
