"""Connections to registries and to the hosts that they send us to, kept open and used again."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from ssl import SSLContext
from typing import Any, Final
from urllib.parse import urlsplit

from urllib3 import HTTPConnectionPool, HTTPResponse, PoolManager, ProxyManager, Retry, Timeout
from urllib3.exceptions import HTTPError

from . import logs, trust
from .patience import Patience
from .pools import CONNECT, PlainPool, SecurePool
from .proxies import PORTS, Proxy, proxy_for

KEPT: Final = 64
"""Hosts, and connections to each of them, that are kept open."""
PIECE: Final = 256 * 1024
"""Bytes read at once while a body streams through, at most."""

_NEVER = Retry(False)  # whether a request may be sent again is decided above, where its meaning is known


class TooSlow(HTTPError):
    """A body that keeps coming, but so slowly that it might never end."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Scheme, host and port: what a token is for, and what connections belong to (RFC 6454 §4)."""

    scheme: str
    host: str
    port: int

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        port = "" if self.port == PORTS.get(self.scheme) else f":{self.port}"
        return f"{self.scheme}://{host}{port}"


def split(url: str) -> tuple[Origin, str]:
    """Return the origin of a URL, and its path with the query.

    Raises:
        ValueError: it is no http or https URL of a host.
    """
    parts = urlsplit(url)
    if parts.scheme not in PORTS or not parts.hostname:
        raise ValueError("no http or https URL")
    target = parts._replace(scheme="", netloc="", path=parts.path or "/", fragment="").geturl()
    return Origin(parts.scheme, parts.hostname, parts.port or PORTS[parts.scheme]), target


@dataclass(frozen=True, slots=True)
class Way:
    """The connections to an origin. ``base`` stands before each path where a proxy must be told the whole URL."""

    pool: HTTPConnectionPool
    base: str
    proxy: Proxy | None


class Connections:
    """Sends single requests, without retries and without redirects; safe for many threads.

    Args:
        patience: how long silence and slowness are borne.
        authority: a PEM file of authorities that are trusted besides the system's.
        environ: names the proxies, see `proxies`.
    """

    def __init__(
        self, patience: Patience, authority: Path | None = None, environ: Mapping[str, str] = os.environ
    ) -> None:
        self._patience = patience
        self._authority = authority
        self._environ = environ
        self._timeout = Timeout(connect=CONNECT, read=patience.silence)
        self._ways: dict[Origin, Way] = {}
        self._managers: dict[Proxy | None, PoolManager] = {}
        self._lock = threading.Lock()
        logs.without_queries()

    def way(self, origin: Origin) -> Way:
        """Return the connections to an origin.

        Raises:
            RegistryError: the environment names a proxy that is no URL, or the authority's file cannot be read.
        """
        found = self._ways.get(origin)
        if found is None:
            with self._lock:
                found = self._ways[origin] = self._open(origin)
        return found

    def send(
        self,
        way: Way,
        method: str,
        target: str,
        headers: Mapping[str, str],
        body: bytes | Iterable[bytes] | None = None,
        seconds: float = 0.0,
    ) -> HTTPResponse:
        """Send one request and return the answer, its body still to be read.

        ``seconds`` is how long to wait for the answer, where patience is not enough.

        Raises:
            urllib3.exceptions.HTTPError: there is no answer.
        """
        response = way.pool.urlopen(
            method,
            way.base + target,
            body,
            headers,
            _NEVER,
            redirect=False,
            assert_same_host=False,
            timeout=Timeout(connect=CONNECT, read=seconds) if seconds > self._patience.silence else self._timeout,
            preload_content=False,
        )
        assert isinstance(response, HTTPResponse)
        return response

    def pieces(self, response: HTTPResponse) -> Iterator[bytes]:
        """Yield an answer's body as it comes.

        Raises:
            urllib3.exceptions.HTTPError: it ended early, fell silent, or comes slower than patience bears.
        """
        waited, got = 0.0, 0
        while True:
            # The clock stands while the caller is busy with a piece: only the server's time counts.
            before = time.monotonic()
            piece = response.read1(PIECE, decode_content=False)
            waited += time.monotonic() - before
            if not piece:
                return
            got += len(piece)
            if waited >= self._patience.silence:
                if got < waited * self._patience.slowest:
                    raise TooSlow(f"{got} bytes in {waited:.0f} seconds")
                waited, got = 0.0, 0
            yield piece

    def close(self) -> None:
        """Close all connections."""
        with self._lock:
            self._ways.clear()
            for manager in self._managers.values():
                manager.clear()
            self._managers.clear()

    @cached_property
    def _context(self) -> SSLContext:
        return trust.context(self._authority)

    def _open(self, origin: Origin) -> Way:
        proxy = proxy_for(origin.scheme, origin.host, origin.port, self._environ)
        manager = self._managers.get(proxy)
        if manager is None:
            manager = self._managers[proxy] = self._manager(proxy)
        if origin.scheme == "https":
            manager.connection_pool_kw.setdefault("ssl_context", self._context)
        pool = manager.connection_from_host(origin.host, origin.port, origin.scheme)
        return Way(pool, str(origin) if proxy and origin.scheme == "http" else "", proxy)

    def _manager(self, proxy: Proxy | None) -> PoolManager:
        kept: dict[str, Any] = {"num_pools": KEPT, "maxsize": KEPT}
        if proxy is None:
            manager = PoolManager(**kept)
        else:
            login = {"Proxy-Authorization": proxy.authorization} if proxy.authorization else {}
            secure = self._context if proxy.url.startswith("https:") else None
            manager = ProxyManager(proxy.url, proxy_headers=login, proxy_ssl_context=secure, **kept)
        manager.pool_classes_by_scheme = {"http": PlainPool, "https": SecurePool}
        return manager
