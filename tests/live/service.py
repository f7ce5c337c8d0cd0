"""The services as a probe speaks to them: one request at a time, no retries, no redirect followed."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final
from urllib.parse import quote

import httpx

from lab import oci
from tests.live.fact import Unexpected
from tests.live.settings import Login

ACCEPT: Final = ", ".join(
    (
        oci.INDEX_TYPE,
        oci.MANIFEST_TYPE,
        "application/vnd.docker.distribution.manifest.list.v2+json",
        "application/vnd.docker.distribution.manifest.v2+json",
    )
)


def said(answer: httpx.Response) -> str:
    """The status of an answer, and the code of its first error; never its message, which may echo what was sent."""
    try:
        code = str(answer.json()["errors"][0]["code"])
    except (ValueError, KeyError, IndexError, TypeError):
        code = ""
    return f"{answer.status_code} {code}".rstrip()


def expect(answer: httpx.Response, *statuses: int) -> httpx.Response:
    """The answer, if it has one of these statuses; raises ``Unexpected`` with the request and what was said."""
    if answer.status_code in statuses:
        return answer
    raise Unexpected(f"{answer.request.method} {answer.request.url.path}: {said(answer)}")


@dataclass(frozen=True)
class Registry:
    """One registry, and who asks it; nobody by default."""

    http: httpx.Client
    url: str
    login: Login | None = None

    @cached_property
    def challenge(self) -> dict[str, str]:
        """The parameters of the challenge that ``GET /v2/`` is answered with."""
        found = challenge(expect(self.http.get(f"{self.url}/v2/"), 401))
        if not found.get("realm"):
            raise Unexpected("GET /v2/: 401 without a Bearer challenge")
        return found

    def ask_token(self, *scopes: str) -> httpx.Response:
        """The token endpoint's answer to these scopes, such as ``repository:owner/name:pull``."""
        login = httpx.BasicAuth(self.login.user, self.login.secret) if self.login else None
        query = {"service": self.challenge.get("service", ""), "scope": list(scopes)}
        return self.http.get(self.challenge["realm"], params=query, auth=login)

    def token(self, *scopes: str) -> str:
        """A token for these scopes; raises ``Unexpected`` when there is none."""
        body: dict[str, Any] = expect(self.ask_token(*scopes), 200).json()
        return str(body.get("token") or body.get("access_token"))

    def send(self, method: str, path: str, scope: str = "", **more: Any) -> httpx.Response:
        """Send one request to ``/v2/…`` or to an upload's location, with a fresh token for ``scope``, or with none.

        An upload's location on another host gets none. ``headers`` and whatever else httpx takes stand in ``more``.
        """
        headers = {"Accept": ACCEPT, **more.pop("headers", {})}
        own = httpx.URL(self.url)
        target = own.join(path)
        if scope and target.host == own.host:
            headers["Authorization"] = f"Bearer {self.token(*scope.split())}"
        return self.http.request(method, target, headers=headers, **more)


def challenge(answer: httpx.Response) -> dict[str, str]:
    """The parameters of a Bearer challenge (RFC 9110, section 11.6.1), none where there is no such challenge."""
    scheme, _, rest = answer.headers.get("www-authenticate", "").partition(" ")
    return dict(re.findall(r'(\w+)="([^"]*)"', rest)) if scheme.lower() == "bearer" else {}


@dataclass(frozen=True)
class Packages:
    """The container packages of one owner in GitHub's REST API."""

    http: httpx.Client
    url: str
    owner: str
    token: str = field(repr=False)

    @cached_property
    def _base(self) -> str:
        kind = expect(self._ask("GET", f"/users/{self.owner}"), 200).json()["type"]
        return f"/{'orgs' if kind == 'Organization' else 'users'}/{self.owner}/packages/container/"

    def send(self, method: str, package: str, below: str = "", **more: Any) -> httpx.Response:
        """Ask about a package, or about what is ``below`` it, such as ``/versions``."""
        return self._ask(method, self._base + quote(package, safe="") + below, **more)

    def send_unquoted(self, method: str, package: str) -> httpx.Response:
        """Ask about a package with the slashes of its name as they are."""
        return self._ask(method, self._base + package)

    def _ask(self, method: str, path: str, **more: Any) -> httpx.Response:
        headers = {
            "Accept": "application/vnd.github+json",
            "Authorization": f"Bearer {self.token}",
            "X-GitHub-Api-Version": "2022-11-28",
        }
        return self.http.request(method, self.url + path, headers=headers, **more)
