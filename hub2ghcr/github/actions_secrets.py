"""Actions secrets of a repository: their names, for GitHub gives no value back; removed, and written sealed.

https://docs.github.com/en/rest/actions/secrets. A repository has at most 100 of them: one page.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

from ..errors import GitHubError
from .client import GitHub


def names(github: GitHub, owner: str, repository: str) -> frozenset[str]:
    """Return the names of all that a repository has.

    Raises:
        GitHubError: as `GitHub` does; no such repository.
    """
    found = _get(github, owner, repository, query={"per_page": "100"})
    return frozenset(str(each["name"]) for each in found["secrets"])


def remove(github: GitHub, owner: str, repository: str, name: str) -> None:
    """Remove one that is there.

    Raises:
        GitHubError: as `GitHub` does.
    """
    github.send("DELETE", *_parts(owner, repository), name)


def write(github: GitHub, owner: str, repository: str, name: str, value: str) -> None:
    """Write one, sealed so that GitHub alone opens it.

    Raises:
        GitHubError: as `GitHub` does; no such repository.
    """
    from nacl.public import PublicKey, SealedBox  # slow to import, and rarely needed

    key = _get(github, owner, repository, "public-key")
    sealed = SealedBox(PublicKey(base64.b64decode(key["key"]))).encrypt(value.encode())
    body = {"encrypted_value": base64.b64encode(sealed).decode(), "key_id": key["key_id"]}
    github.send("PUT", *_parts(owner, repository), name, body=body)


def _get(github: GitHub, owner: str, repository: str, *parts: str, query: Mapping[str, str] | None = None) -> Any:
    found = github.send("GET", *_parts(owner, repository), *parts, query=query)
    if found is None:
        remedy = "is the name right, and does the token administer it?"
        raise GitHubError("no such repository", "github", f"{owner}/{repository}", remedy)
    return found


def _parts(owner: str, repository: str) -> tuple[str, ...]:
    return "repos", owner, repository, "actions", "secrets"
