"""One registry host over HTTP: authentication, retries, and failures as errors of ours."""

from __future__ import annotations

import ipaddress
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, TypeVar
from urllib.parse import urlsplit

import httpx

from ..credentials import Credential
from ..errors import RegistryError
from . import failures
from .failures import Passing
from .patience import Patience
from .tokens import Authority, Scopes

TIMEOUT: Final = httpx.Timeout(60.0, connect=10.0)
"""Seconds for one read or write (not for a whole transfer), and to connect."""
CONNECTIONS: Final = 64

T = TypeVar("T")
Observe = Callable[[str, Mapping[str, str]], None]
"""Is told a registry's host and the headers (names in lower case) of an answer that tells a pull allowance."""


@dataclass(frozen=True, slots=True)
class Access:
    """How a registry is reached: ``host`` as references name it, ``endpoint`` as a URL, who pulls and who pushes.

    Plain HTTP is spoken only where the endpoint says ``http://``.
    """

    host: str
    endpoint: str
    pull: Credential | None = None
    push: Credential | None = None
    certificate_authority: Path | None = None
    """A PEM file of authorities that are trusted besides the system's."""


@dataclass(frozen=True, slots=True)
class Ask:
    """One request: ``path`` below the endpoint, or a whole URL that the registry gave. ``place`` names it in errors.

    ``content`` is bytes, or makes the body's chunks anew for each attempt. ``expected`` are the statuses that the
    caller handles.
    """

    method: str
    path: str
    place: str
    scopes: Scopes
    expected: Collection[int] = (200,)
    headers: Mapping[str, str] = field(default_factory=dict)
    content: bytes | Callable[[], Iterable[bytes]] | None = None


class Transport:
    """Sends requests to one registry; safe for many threads.

    Args:
        access: the registry.
        patience: how failures that may pass are waited for.
        observe: is told of answers that tell a pull allowance.
        sleep: waits the given seconds.

    Raises:
        RegistryError: the endpoint is no http or https URL.
    """

    def __init__(
        self,
        access: Access,
        patience: Patience,
        observe: Observe | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        parts = urlsplit(access.endpoint)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise RegistryError(
                "the endpoint is not a URL", access.host, access.endpoint, "write https://host, and set its variables"
            )
        self.access = access
        self._endpoint = httpx.URL(access.endpoint.rstrip("/") + "/")
        self._patience = patience
        self._observe = observe
        self._sleep = sleep
        self._client = httpx.Client(
            timeout=TIMEOUT,
            limits=httpx.Limits(max_connections=CONNECTIONS, max_keepalive_connections=CONNECTIONS),
            trust_env=not _loopback(parts.hostname),  # a proxy cannot reach this machine's own loopback
            headers={"User-Agent": "hub2ghcr"},
        )
        self._authority = Authority(self._client, access.endpoint, access.pull, access.push)

    def close(self) -> None:
        """Close all connections."""
        self._client.close()

    def patiently(self, operation: Callable[[], T]) -> T:
        """Run an operation until it succeeds, as often and as slowly as the patience allows.

        Raises:
            RegistryError: what stopped it, or the last failure that did not pass.
        """
        failed = 0
        while True:
            try:
                return operation()
            except Passing as failure:
                failed += 1
                pause = self._patience.pause(failed, failure.asked)
                error = failure.error
            if pause is None:
                raise error
            self._sleep(pause)

    def send(self, ask: Ask) -> httpx.Response:
        """Send a request with retries and return the whole answer."""
        return self.patiently(lambda: self.once(ask))

    def once(self, ask: Ask) -> httpx.Response:
        """Send a request without retries (but for a refused token) and return the whole answer.

        Raises:
            RegistryError: an answer that was not expected.
            Passing: one that may pass.
        """
        with self.stream(ask) as response:
            try:
                response.read()
            except httpx.TransportError as error:
                raise Passing(self._broken(ask, error)) from None
            return response

    @contextmanager
    def stream(self, ask: Ask) -> Iterator[httpx.Response]:
        """Like `once`, with the answer's body still to be read."""
        try:
            response = self._answer(ask)
        except httpx.TransportError as error:
            raise Passing(self._broken(ask, error)) from None
        try:
            yield response
        finally:
            response.close()

    def broken(self, place: str, error: httpx.TransportError) -> Passing:
        """Return the failure of a body that ended early."""
        return Passing(failures.unanswered(place, self.access.endpoint, error))

    def _broken(self, ask: Ask, error: httpx.TransportError) -> RegistryError:
        return failures.unanswered(ask.place, self.access.endpoint, error)

    def _answer(self, ask: Ask) -> httpx.Response:
        retried = False
        while True:
            used = self._authority.authorization(ask.scopes, ask.place)
            response = self._client.send(
                self._request(ask, used), stream=True, follow_redirects=ask.method in ("GET", "HEAD")
            )
            if self._observe and "ratelimit-remaining" in response.headers:
                self._observe(self.access.host, response.headers)
            if response.status_code in ask.expected:
                return response
            try:
                response.read()
            finally:
                response.close()
            credential = self._authority.credential(ask.scopes)
            if response.status_code == 401:
                learnt = self._authority.challenged(response, ask.scopes, used)
                if learnt and callable(ask.content):
                    # Its body is spent, and the upload it belonged to may be as well.
                    raise Passing(failures.refused(ask.place, response, credential, ask.scopes), 0.0)
                if learnt and not retried:
                    # The first challenge, or a token that the registry no longer takes: once more with a new one.
                    retried = True
                    continue
            if response.status_code in (401, 403):
                raise failures.refused(ask.place, response, credential, ask.scopes)
            raise failures.of(ask.place, response, credential)

    def _request(self, ask: Ask, authorization: str | None) -> httpx.Request:
        url = self._endpoint.join(ask.path)
        headers = dict(ask.headers)
        # An upload may be sent to another host, which has no business with our token.
        if authorization and (url.scheme, url.netloc) == (self._endpoint.scheme, self._endpoint.netloc):
            headers["Authorization"] = authorization
        content = ask.content() if callable(ask.content) else ask.content
        return self._client.build_request(ask.method, url, headers=headers, content=content)


def _loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
