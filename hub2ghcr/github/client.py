"""GitHub's REST API, as far as a migration asks it: what is there already, and a package's visibility.

Only `GitHub.send` writes, for `hub2ghcr.github.pull_request`.

https://docs.github.com/en/rest. The credential needs the scopes ``repo`` and ``read:packages``, of a classic token.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final
from urllib.parse import quote, urlsplit

import httpx

from ..credentials import Credential
from ..errors import GitHubError
from ..expiry import HEADER, expires

SECONDS: Final = 20.0
"""Seconds that an answer may take."""

_HEADERS = MappingProxyType({"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": "2022-11-28"})


def api_root(endpoint: str) -> str:
    """Return where the REST API of an endpoint begins: GitHub Enterprise Server serves it below ``/api/v3``."""
    root = endpoint.rstrip("/")
    if urlsplit(root).hostname == "api.github.com" or root.endswith("/api/v3"):
        return root
    return f"{root}/api/v3"


class GitHub:
    """GitHub at an endpoint, asked as one user; safe for many threads. Close it, or use it as a context manager.

    An answer may take ``seconds``.

    Every method raises GitHubError: unreachable, the token (401) or the question (403) refused, or no answer at all.
    """

    def __init__(self, endpoint: str, credential: Credential, seconds: float = SECONDS) -> None:
        if "${" in endpoint:
            raise GitHubError("the endpoint's variable is not set", "github.endpoint", endpoint, "export it")
        self._user = credential.username
        self._root = api_root(endpoint)
        self._client = httpx.Client(
            headers={**_HEADERS, "Authorization": f"Bearer {credential.secret}"}, timeout=seconds, follow_redirects=True
        )

    def __enter__(self) -> GitHub:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def expiry(self) -> datetime | None:
        """Return when the user's token expires, None when it does not."""
        return expires(self._answer("user").headers.get(HEADER))

    def has_owner(self, owner: str) -> bool:
        """Whether there is such an organisation or user."""
        return self._get("users", owner) is not None

    def has_repository(self, owner: str, name: str) -> bool:
        """Whether there is such a repository that the user may see."""
        return self._get("repos", owner, name) is not None

    def has_secret(self, owner: str, repository: str, name: str) -> bool:
        """Whether the repository has such an Actions secret."""
        return self._get("repos", owner, repository, "actions", "secrets", name) is not None

    def has_file(self, owner: str, repository: str, path: str) -> bool:
        """Whether there is such a file on the default branch."""
        return self._get("repos", owner, repository, "contents", *path.split("/")) is not None

    def package_visibility(self, owner: str, name: str) -> str | None:
        """Return a container package's visibility (``public``, ``private``, ``internal``), None if there is none."""
        for kind in ("orgs", "users"):
            found = self._get(kind, owner, "packages", "container", name)
            if found is not None:
                return str(found.get("visibility"))
        return None

    def send(
        self, method: str, *parts: str, query: Mapping[str, str] | None = None, body: Mapping[str, Any] | None = None
    ) -> Any:
        """Return GitHub's answer, None where there is none to ``GET``.

        Args:
            method: of HTTP.
            parts: of the path, below the API's root.
            query: parameters behind the path.
            body: sent as JSON.

        Raises:
            GitHubError: as all methods, and what is refused, in GitHub's words.
        """
        answer = self._answer(*parts, method=method, query=query, body=body)
        if method == "GET" and answer.status_code in (404, 409):  # 409: a repository without any commit
            return None
        try:
            answer.raise_for_status()
            return answer.json() if answer.content else None
        except (httpx.HTTPError, ValueError):
            remedy = "may the token write there (scope repo, and workflow for workflows)?"
            what = f"GitHub answered {answer.status_code}{_said(answer)}"
            raise GitHubError(what, value=str(answer.url), remedy="ask again" if method == "GET" else remedy) from None

    def _get(self, *parts: str) -> dict[str, Any] | None:
        found = self.send("GET", *parts)
        return None if found is None else dict(found)

    def _answer(
        self,
        *parts: str,
        method: str = "GET",
        query: Mapping[str, str] | None = None,
        body: Mapping[str, Any] | None = None,
    ) -> httpx.Response:
        url = "/".join([self._root, *(quote(part, safe="") for part in parts)])
        try:
            answer = self._client.request(method, url, params=query, json=body)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            what = f"GitHub is unreachable ({error or type(error).__name__})"
            raise GitHubError(what, value=url, remedy="is github.endpoint right?") from None
        if answer.status_code == 401:
            raise GitHubError(f"GitHub refuses the token of {self._user} (401)", value=url, remedy="set a valid token")
        if answer.status_code == 403:
            remedy = "a classic token with repo and read:packages, authorised for the organisation's single sign-on"
            raise GitHubError(f"GitHub refuses {self._user} (403)", value=url, remedy=remedy)
        return answer


def _said(answer: httpx.Response) -> str:
    """Return what GitHub says about an answer, after a colon."""
    try:
        found = answer.json()
        said = [found.get("message"), *(each.get("message") for each in found.get("errors", ()))]
    except (ValueError, AttributeError):
        return ""
    return "".join(f": {each}" for each in said if each)
