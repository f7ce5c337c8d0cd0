"""The stand-in in this process, held to GitHub's description in every exchange of every test."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from nacl.public import PublicKey, SealedBox

from lab.accounts import GITHUB_ADMIN
from lab.github_api.description import Description
from lab.github_api.service import Service

SITE = "http://127.0.0.1:8484"
SHOP = "/repos/acme/shop"
PACKAGES_ADMIN = "lab-packages-admin"


class GitHub:
    """The service and a caller: the owner of acme unless another token is given (empty for anonymous)."""

    def __init__(self, state: Path, description: Description) -> None:
        self.service = Service(state, description)

    def __call__(self, method: str, path: str, body: Any = None, token: str = GITHUB_ADMIN.token) -> httpx.Response:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return self.ask(method, f"/api/v3{path}", body, headers)

    def ask(self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None) -> httpx.Response:
        """One request, without a network."""

        async def exchange() -> httpx.Response:
            async with httpx.AsyncClient(transport=httpx.ASGITransport(self.service), base_url=SITE) as client:
                return await client.request(method, path, json=body, headers=headers)

        return asyncio.run(exchange())

    def ok(self, method: str, path: str, body: Any = None, token: str = GITHUB_ADMIN.token) -> Any:
        """The same, for an answer that must be a success; its body, None for an empty one."""
        answer = self(method, path, body, token)
        assert answer.is_success, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json() if answer.content else None

    def lab(self, method: str, path: str, body: Any = None) -> Any:
        answer = self.ask(method, f"/_lab/{path}", body)
        assert answer.is_success, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json() if answer.content else None

    def write(self, path: str, text: str, *, branch: str = "main", sha: str = "") -> Any:
        body = {"message": f"write {path}", "content": base64.b64encode(text.encode()).decode(), "branch": branch}
        return self.ok("PUT", f"{SHOP}/contents/{path}", body | ({"sha": sha} if sha else {}))

    def branch(self, name: str) -> str:
        """Make a branch off main; the commit that it names."""
        commit = str(self.ok("GET", f"{SHOP}/git/ref/heads/main")["object"]["sha"])
        self.ok("POST", f"{SHOP}/git/refs", {"ref": f"refs/heads/{name}", "sha": commit})
        return commit

    def pull(self, branch: str = "topic", **more: Any) -> Any:
        """Open a pull request of one new file."""
        self.branch(branch)
        self.write(f"{branch}.txt", "new", branch=branch)
        return self.ok("POST", f"{SHOP}/pulls", {"title": "New", "head": branch, "base": "main"} | more)

    def seal(self, base: str, value: str, token: str = GITHUB_ADMIN.token) -> dict[str, str]:
        """A value as a body that sets a secret below a path such as ``/repos/acme/shop/actions/secrets``."""
        key = self.ok("GET", f"{base}/public-key", token=token)
        sealed = SealedBox(PublicKey(base64.b64decode(key["key"]))).encrypt(value.encode())
        return {"encrypted_value": base64.b64encode(sealed).decode(), "key_id": key["key_id"]}

    def token(self, text: str, user: str = "acme-admin", **more: Any) -> str:
        """A token that is added now."""
        self.lab("POST", "tokens", {"user": user, "token": text, **more})
        return text

    def push(self, repository: str, digest: str, tag: str = "", actor: str = "") -> None:
        """What the registry says of a push."""
        target = {"mediaType": "application/vnd.oci.image.index.v1+json", "repository": repository, "digest": digest}
        event = {"action": "push", "target": target | ({"tag": tag} if tag else {}), "actor": {"name": actor}}
        self.lab("POST", "registry-events", {"events": [event]})


@pytest.fixture(scope="session")
def description() -> Description:
    return Description()


@pytest.fixture
def github(tmp_path: Path, description: Description) -> Iterator[GitHub]:
    """Fails the test that made an exchange which GitHub's description does not allow."""
    stand_in = GitHub(tmp_path, description)
    scopes = ["delete:packages", "read:packages", "repo", "write:packages"]
    stand_in.lab("POST", "tokens", {"user": "acme-admin", "token": PACKAGES_ADMIN, "scopes": scopes})
    yield stand_in
    assert stand_in.service.violations == []
