"""GitHub's REST API, asked with patience: pages, rate limits, and answers that fail for a moment.

https://docs.github.com/en/rest. What GitHub limits was not done, and is sent again, whatever it is; what it failed to
answer (5xx, a connection that was cut) may have been done, so that only reading is tried again.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Any, Final
from urllib.parse import quote, urlsplit

import httpx

from ..credentials import Credential
from ..errors import GitHubError
from ..registry.link import next_page
from ..registry.patience import Patience
from .limits import Hold, limit_of
from .refusals import limited, refusal, said
from .token import Token, token_of

SECONDS: Final = 20.0
"""Seconds that an answer may take."""
PATIENCE: Final = Patience(longest=900.0)
"""How often a call is tried, and how long GitHub may ask to wait: a limit that lasts longer ends the run."""
TOLD: Final = 2.0
"""Seconds of waiting that nobody needs to hear of."""
PAGE: Final = 100
"""Entries of a list asked for at once: the most that GitHub gives."""

_HEADERS = MappingProxyType({"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": "2022-11-28"})
_READS: Final = ("GET", "HEAD")
_UNSENT: Final = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)
_FAILED: Final = frozenset({500, 502, 503, 504})


def api_root(endpoint: str) -> str:
    """Return where the REST API of an endpoint begins: GitHub Enterprise Server serves it below ``/api/v3``."""
    root = endpoint.rstrip("/")
    if urlsplit(root).hostname == "api.github.com" or root.endswith("/api/v3"):
        return root
    return f"{root}/api/v3"


class GitHub:
    """GitHub at an endpoint, asked as one user; safe for many threads. Close it, or use it as a context manager.

    Args:
        endpoint: of the API; GitHub Enterprise Server's is its own address.
        credential: who asks.
        seconds: that an answer may take.
        patience: how often a call is tried, and how long one waits before.
        told: hears of every wait that is longer than `TOLD` seconds; the default logs a warning.
        sleep: waits.

    Every method raises GitHubError: unreachable, the token (401) or the question (403) refused, a limit that lasts too
    long, or no answer at all; its ``status`` is that of the answer.
    """

    def __init__(
        self,
        endpoint: str,
        credential: Credential,
        seconds: float = SECONDS,
        *,
        patience: Patience = PATIENCE,
        told: Callable[[str], object] | None = None,
        sleep: Callable[[float], object] = time.sleep,
    ) -> None:
        if "${" in endpoint:
            raise GitHubError("the endpoint's variable is not set", "github.endpoint", endpoint, "export it")
        self._user = credential.username
        self._root = api_root(endpoint)
        self._patience = patience
        self._told = told or logging.getLogger(__name__).warning
        self._sleep = sleep
        self._hold = Hold(sleep)
        # retries are no transport's of httpx: a client that is given one leaves out the environment's proxies
        self._client = httpx.Client(
            headers={**_HEADERS, "Authorization": f"Bearer {credential.secret}"}, timeout=seconds, follow_redirects=True
        )

    def __enter__(self) -> GitHub:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close all connections."""
        self._client.close()

    def who(self) -> tuple[str, Token]:
        """Return the login of whom the token belongs to, and what GitHub tells of it."""
        answer = self._answer("GET", self._url("user"))
        return str((_content(answer) or {}).get("login", "")), token_of(answer.headers)

    def viewer(self) -> str:
        """Return as whom the token acts: a user's login, or ``NAME[bot]`` for one of a workflow or an App.

        GraphQL alone tells it of the latter: https://docs.github.com/en/graphql/reference/queries#viewer.
        """
        url = f"{self._root.removesuffix('/v3')}/graphql"
        found = _content(self._answer("POST", url, body={"query": "{ viewer { login } }"})) or {}
        return str(((found.get("data") or {}).get("viewer") or {}).get("login") or "")

    def token(self) -> Token:
        """Return what GitHub tells of the user's token."""
        return self.who()[1]

    def expiry(self) -> datetime | None:
        """Return when the user's token expires, None when it does not."""
        return self.token().expires

    def has_owner(self, owner: str) -> bool:
        """Whether there is such an organisation or user."""
        return self.send("GET", "users", owner) is not None

    def has_repository(self, owner: str, name: str) -> bool:
        """Whether there is such a repository that the user may see."""
        return self.send("GET", "repos", owner, name) is not None

    def send(
        self, method: str, *parts: str, query: Mapping[str, str] | None = None, body: Mapping[str, Any] | None = None
    ) -> Any:
        """Return GitHub's answer, None where there is none to ``GET``, or where it is empty.

        Args:
            method: of HTTP.
            parts: of the path, below the API's root.
            query: parameters behind the path.
            body: sent as JSON.

        Raises:
            GitHubError: as all methods, and what is refused (404, 409, 422), in GitHub's words.
        """
        # 409: a repository without any commit
        absent = (404, 409) if method in _READS else ()
        answer = self._answer(method, self._url(*parts), absent, query, body)
        return None if answer.status_code in absent else _content(answer)

    def pages(self, *parts: str, key: str = "", query: Mapping[str, str] | None = None) -> Iterator[Any]:
        """Yield every entry of a list, asked for page by page; none where there is no such list (404).

        Args:
            parts: of the path, below the API's root.
            key: where each page has its entries, as ``secrets``; empty where the page is the list.
            query: parameters behind the path.

        Raises:
            GitHubError: as all methods, and pages that lead nowhere.
        """
        url, seen = self._url(*parts), set[str]()
        asked: Mapping[str, str] | None = {"per_page": str(PAGE), **(query or {})}
        while url not in seen:
            seen.add(url)
            answer = self._answer("GET", url, (404,), asked)
            if answer.status_code == 404:
                return
            found = _content(answer)
            entries = found.get(key) if key and isinstance(found, dict) else found
            if not isinstance(entries, list):
                raise GitHubError("GitHub answered with no list", value=url, remedy="is github.endpoint right?")
            yield from entries
            following = next_page(answer.headers.get_list("link"))
            if following is None:
                return
            url, asked = str(answer.url.join(following)), None
            if _origin(url) != _origin(self._root):  # the token is not for others
                raise GitHubError("the list goes on at another host", value=url, remedy="is github.endpoint right?")
        raise GitHubError("the list leads back to a page that was read", value=url)

    def _url(self, *parts: str) -> str:
        return "/".join([self._root, *(quote(part, safe="") for part in parts)])

    def _answer(
        self,
        method: str,
        url: str,
        expected: tuple[int, ...] = (),
        query: Mapping[str, str] | None = None,
        body: Mapping[str, Any] | None = None,
    ) -> httpx.Response:
        """Return an answer that is a success, or of an expected status."""
        failed = 0
        while True:
            self._hold.wait()
            failed += 1
            try:
                answer = self._client.request(method, url, params=query, json=body)
            except (httpx.HTTPError, httpx.InvalidURL) as error:
                self._unanswered(error, method, url, failed)
                continue
            status = answer.status_code
            if answer.is_success or status in expected:
                return answer
            limit = limit_of(status, answer.headers, said(answer), failed)
            if limit is not None:
                pause = self._patience.pause(failed, limit.seconds)
                if pause is None:
                    raise limited(answer, self._user, limit)
                if self._hold.set(pause):
                    self._tell(f"GitHub's {limit.kind} rate limit holds {self._user} up", pause)
                continue
            pause = self._patience.pause(failed, None) if status in _FAILED and method in _READS else None
            if pause is None:
                raise refusal(answer, self._user)
            self._pause(f"GitHub answered {status}", pause)

    def _unanswered(self, error: Exception, method: str, url: str, failed: int) -> None:
        """Wait before a call that had no answer is tried again; raise where it is not."""
        again = isinstance(error, _UNSENT) or (
            method in _READS
            and isinstance(error, httpx.TransportError)
            and not isinstance(error, httpx.UnsupportedProtocol)
        )
        pause = self._patience.pause(failed, None) if again else None
        what = f"GitHub is unreachable ({str(error) or type(error).__name__})"
        if pause is None:
            raise GitHubError(what, value=url, remedy="is github.endpoint right?") from None
        self._pause(what, pause)

    def _pause(self, why: str, seconds: float) -> None:
        self._tell(why, seconds)
        self._sleep(seconds)

    def _tell(self, why: str, seconds: float) -> None:
        if seconds > TOLD:
            until = (datetime.now(UTC) + timedelta(seconds=seconds)).strftime("%H:%M:%S UTC")
            self._told(f"{why}: waiting {seconds:.0f} s, until {until}")


def _content(answer: httpx.Response) -> Any:
    try:
        return answer.json() if answer.content else None
    except ValueError:
        what = f"GitHub answered {answer.status_code} without JSON"
        raise GitHubError(what, value=str(answer.url), remedy="is github.endpoint right?") from None


def _origin(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.scheme, parts.netloc
