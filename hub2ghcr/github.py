"""GitHub's REST API, as far as a migration asks it itself: the visibility of a package, which no provider reads."""

from __future__ import annotations

from types import MappingProxyType
from typing import Any, Final
from urllib.parse import quote, urlsplit

import httpx

from .credentials import Credential
from .errors import GitHubError

SECONDS: Final = 20.0
"""Seconds that an answer may take."""

_HEADERS = MappingProxyType({"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": "2022-11-28"})


def api_root(endpoint: str) -> str:
    """Return where the REST API of an endpoint begins: GitHub Enterprise Server serves it below ``/api/v3``."""
    root = endpoint.rstrip("/")
    if urlsplit(root).hostname == "api.github.com" or root.endswith("/api/v3"):
        return root
    return f"{root}/api/v3"


def package_visibility(endpoint: str, credential: Credential, owner: str, name: str) -> str | None:
    """Return a container package's visibility (``public``, ``private``, ``internal``), None if there is none.

    The owner may be an organisation or a user. The credential needs the scope ``read:packages``, of a classic token:
    https://docs.github.com/en/rest/packages/packages.

    Raises:
        GitHubError: GitHub is unreachable, or refuses the token (401) or the question (403).
    """
    if "${" in endpoint:
        raise GitHubError("the endpoint's variable is not set", "github.endpoint", endpoint, "export it")
    headers = {**_HEADERS, "Authorization": f"Bearer {credential.secret}"}
    with httpx.Client(headers=headers, timeout=SECONDS, follow_redirects=True) as client:
        for kind in ("orgs", "users"):
            path = f"/{kind}/{quote(owner, safe='')}/packages/container/{quote(name, safe='')}"
            found = _get(client, api_root(endpoint) + path, credential.username)
            if found is not None:
                return str(found.get("visibility"))
    return None


def _get(client: httpx.Client, url: str, user: str) -> dict[str, Any] | None:
    try:
        answer = client.get(url)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        what = f"GitHub is unreachable ({error or type(error).__name__})"
        raise GitHubError(what, value=url, remedy="is github.endpoint right?") from None
    if answer.status_code == 404:
        return None
    if answer.status_code == 401:
        raise GitHubError(f"GitHub refuses the token of {user} (401)", value=url, remedy="set a valid token") from None
    if answer.status_code == 403:
        remedy = "a classic token with read:packages, authorised for the organisation's single sign-on"
        raise GitHubError(f"GitHub refuses {user} (403)", value=url, remedy=remedy)
    try:
        answer.raise_for_status()
        return dict(answer.json())
    except (httpx.HTTPError, ValueError):
        raise GitHubError(f"GitHub answered {answer.status_code}", value=url, remedy="ask again") from None
