"""One registry host over HTTP: authentication, redirects, retries, and failures as errors of ours."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, TypeVar
from urllib.parse import urljoin

from urllib3 import HTTPResponse
from urllib3.exceptions import HTTPError

from ..credentials import Credential
from ..errors import RegistryError
from . import failures
from .answer import Answer
from .connections import Connections, Origin, split
from .failures import Passing
from .patience import Patience
from .tokens import Authority, Scopes

LARGEST: Final = 16 * 1024 * 1024
"""Bytes of the largest answer that is kept in memory: no manifest, list or token is nearly as large."""
REDIRECTED: Final = frozenset({301, 302, 303, 307, 308})
REDIRECTS: Final = 5
"""Redirects that are followed for one request."""

T = TypeVar("T")
Observe = Callable[[str, Mapping[str, str]], None]
"""Is told a registry's host and the headers (names in lower case) of an answer that tells a pull allowance."""


@dataclass(frozen=True, slots=True)
class Access:
    """How a registry is reached: ``host`` as references name it, ``endpoint`` as a URL, who pulls and who pushes.

    Plain HTTP is spoken only where the endpoint says ``http://``. ``certificate_authority`` is a PEM file of
    authorities that are trusted besides the system's. ``paths`` (longest first) say who speaks instead for the
    repositories below a path.
    """

    host: str
    endpoint: str
    pull: Credential | None = None
    push: Credential | None = None
    certificate_authority: Path | None = None
    paths: tuple[tuple[str, Credential], ...] = ()


@dataclass(frozen=True, slots=True)
class Ask:
    """One request: ``path`` below the endpoint, or a whole URL that the registry gave. ``place`` names it in errors.

    ``content`` is bytes, or makes the body's pieces anew for each attempt. ``expected`` are the statuses that the
    caller handles. ``seconds`` is how long its answer may take, where that is longer than usual.
    """

    method: str
    path: str
    place: str
    scopes: Scopes
    expected: Collection[int] = (200,)
    headers: Mapping[str, str] = field(default_factory=dict)
    content: bytes | Callable[[], Iterable[bytes]] | None = None
    seconds: float = 0.0


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
        try:
            self._origin, base = split(access.endpoint)
        except ValueError:
            raise RegistryError(
                "the endpoint is not a URL", access.host, access.endpoint, "write https://host, and set its variables"
            ) from None
        self.access = access
        self._base = base.rstrip("/") + "/"
        self._patience = patience
        self._observe = observe
        self._sleep = sleep
        self._connections = Connections(patience, access.certificate_authority)
        self._authority = Authority(self._token, self._origin.scheme == "https", access.pull, access.push, access.paths)

    def close(self) -> None:
        """Close all connections."""
        self._connections.close()

    def expect(self, scopes: Iterable[Scopes]) -> None:
        """Take note of scopes that will be asked for soon: they may share tokens."""
        self._authority.expect(scopes)

    def url(self, path: str, relative: str) -> str:
        """Return what ``relative``, from the answer to a request for ``path``, means as a whole URL."""
        return urljoin(path if "://" in path else f"{self._origin}{self._base}{path}", relative)

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

    def send(self, ask: Ask) -> Answer:
        """Send a request with retries and return the whole answer."""
        return self.patiently(lambda: self.once(ask))

    def once(self, ask: Ask) -> Answer:
        """Send a request without retries (but for a refused token) and return the whole answer.

        Raises:
            RegistryError: an answer that was not expected.
            Passing: one that may pass.
        """
        response, origin = self._answer(ask)
        return self._whole(response, origin, ask.place)

    @contextmanager
    def stream(self, ask: Ask) -> Iterator[Iterator[bytes]]:
        """Like `once`, with the answer's body in pieces, as they come."""
        response, origin = self._answer(ask)
        try:
            yield self._pieces(response, origin, ask.place)
        finally:
            response.close()

    def _answer(self, ask: Ask) -> tuple[HTTPResponse, Origin]:
        retried = False
        while True:
            used = self._authority.authorization(ask.scopes, ask.place)
            response, origin = self._follow(ask, used)
            headers = response.headers
            if self._observe and "ratelimit-remaining" in headers:
                self._observe(self.access.host, {name.lower(): value for name, value in headers.items()})
            if response.status in ask.expected:
                return response, origin
            answer = self._whole(response, origin, ask.place)
            credential = self._authority.credential(ask.scopes)
            if answer.status == 401:
                learnt = self._authority.challenged(headers.getlist("www-authenticate"), ask.scopes, used)
                if learnt and callable(ask.content):
                    # Its body is spent, and the upload it belonged to may be as well.
                    raise Passing(failures.refused(ask.place, answer, credential, ask.scopes), 0.0)
                if learnt and not retried:
                    # The first challenge, or a token that the registry no longer takes: once more with a new one.
                    retried = True
                    continue
            if answer.status == 403 and not callable(ask.content) and self._authority.alone(ask.scopes):
                continue
            if answer.status in (401, 403):
                raise failures.refused(ask.place, answer, credential, ask.scopes)
            raise failures.of(ask.place, answer, credential)

    def _follow(self, ask: Ask, authorization: str | None) -> tuple[HTTPResponse, Origin]:
        """Send a request, and where its answer sends us on, follow; to other origins without our token."""
        origin, target = (self._origin, self._base + ask.path) if "://" not in ask.path else split(ask.path)
        content = ask.content() if callable(ask.content) else ask.content
        for _ in range(REDIRECTS + 1):
            headers = {"User-Agent": "hub2ghcr", **ask.headers}
            # Blobs are stored elsewhere, which has no business with our token; so may be the place of an upload.
            if authorization and origin == self._origin:
                headers["Authorization"] = authorization
            response = self._send(origin, ask.method, target, headers, content, ask.place, ask.seconds)
            if response.status not in REDIRECTED or ask.method not in ("GET", "HEAD"):
                return response, origin
            origin, target = self._next(response, origin, target, ask.place)
        raise RegistryError(f"redirected more than {REDIRECTS} times", ask.place, remedy="check the endpoint")

    def _next(self, response: HTTPResponse, origin: Origin, target: str, place: str) -> tuple[Origin, str]:
        self._whole(response, origin, place)
        location = response.headers.get("location", "")
        try:
            found = split(urljoin(f"{origin}{target}", location))
        except ValueError:
            raise RegistryError("redirected to what is no URL", place, remedy="check the endpoint") from None
        if origin.scheme == "https" and found[0].scheme != "https":
            raise RegistryError("redirected from https to http", place, str(found[0]), "check the registry's storage")
        return found

    def _token(self, url: str, headers: Mapping[str, str], place: str) -> Answer:
        """Ask a token service once."""
        origin, target = split(url)
        response = self._send(origin, "GET", target, {"User-Agent": "hub2ghcr", **headers}, None, place)
        return self._whole(response, origin, place)

    def _send(
        self,
        origin: Origin,
        method: str,
        target: str,
        headers: Mapping[str, str],
        content: bytes | Iterable[bytes] | None,
        place: str,
        seconds: float = 0.0,
    ) -> HTTPResponse:
        way = self._connections.way(origin)
        try:
            return self._connections.send(way, method, target, headers, content, seconds)
        except HTTPError as error:
            raise failures.unanswered(place, str(origin), error, way.proxy.url if way.proxy else None) from None

    def _whole(self, response: HTTPResponse, origin: Origin, place: str) -> Answer:
        pieces: list[bytes] = []
        size = 0
        try:
            for piece in self._pieces(response, origin, place):
                pieces.append(piece)
                size += len(piece)
                if size > LARGEST:
                    raise RegistryError(f"the answer is larger than {LARGEST >> 20} MiB", place)
        finally:
            response.close()
        return Answer(response.status, response.headers, b"".join(pieces))

    def _pieces(self, response: HTTPResponse, origin: Origin, place: str) -> Iterator[bytes]:
        try:
            yield from self._connections.pieces(response)
        except HTTPError as error:
            raise failures.unanswered(place, str(origin), error) from None
