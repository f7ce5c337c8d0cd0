"""Requests to one API server: who asks, what is tried again, and what an answer that refuses means."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

import httpx

from ..errors import ClusterError, Unavailable
from ..kubeconfig import Access
from .explaining import explained

if TYPE_CHECKING:
    from websockets.sync.connection import Connection

SECONDS: Final = 35.0
"""Seconds that an answer may take: an admission webhook has 30 at most."""
CONNECT: Final = 10.0
"""Seconds that a connection may take."""
ATTEMPTS: Final = 4
RESTARTING: Final = 7
"""Attempts where nobody listens any more at a server that has answered before: it may be restarting, and has 12 s.

Whoever never answered is not waited for: the first word of a wrong server, or of one that is down, comes at once.
"""
LONGEST: Final = 10.0
"""Seconds of the longest pause between two attempts; the first is 0.2, each further one twice as long."""

_PASSING: Final = frozenset({500, 502, 503, 504})


class Link:
    """One API server, safe for many threads.

    Args:
        name: the cluster's, for errors.
        reached: how it is reached.
        where: what said so (``context lab of /kube/config``), for remedies.
        renew: how it is reached now, asked when a credential is refused: a token of an exec command lives shortly.
    """

    def __init__(self, name: str, reached: Access, where: str, renew: Callable[[], Access] | None = None) -> None:
        self.name, self.where, self._server, self._renew = name, where, reached.server, renew
        self._reached = reached
        self._lock = threading.Lock()
        self._answered = False
        self._headers = dict(reached.headers)
        self._extensions = {"sni_hostname": reached.server_name} if reached.server_name else {}
        # no proxy of the environment: what the kubeconfig says is all that kubectl and we agree on
        self._client = httpx.Client(
            verify=reached.tls,
            proxy=reached.proxy,
            timeout=httpx.Timeout(SECONDS, connect=CONNECT),
            trust_env=False,
        )

    def close(self) -> None:
        """Close all connections."""
        self._client.close()

    def ask(
        self,
        method: str,
        path: str,
        action: str,
        place: str = "",
        *,
        query: Mapping[str, str] | None = None,
        body: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        repeatable: bool = True,
        absent: bool = False,
    ) -> dict[str, Any] | None:
        """Return what the server answers; None for 404 where ``absent`` may be.

        Args:
            method: of HTTP.
            path: from the root, quoted.
            action: ``get deployments in shop``, for refusals.
            place: the object in question, ``Deployment shop/web``.
            query: of the URL.
            body: sent as JSON.
            headers: beside those that say who asks.
            repeatable: whether it may be sent again when nobody knows whether it arrived.
            absent: whether 404 is an answer.

        Raises:
            ClusterError: see `hub2ghcr.cluster.Cluster`.
        """
        content = None if body is None else json.dumps(body, separators=(",", ":"), default=str).encode()
        sent = {"Accept": "application/json", "Content-Type": "application/json", **(headers or {})}
        attempt, attempts, renewed = 1, ATTEMPTS, False
        while True:
            who = self._headers
            pause: float | None = None
            try:
                answer = self._client.request(
                    method,
                    self._server + path,
                    params=dict(query) if query else None,
                    content=content,
                    headers={**sent, **who},
                    extensions=dict(self._extensions),
                )
            except (httpx.HTTPError, httpx.InvalidURL) as error:
                gone = isinstance(error, httpx.ConnectError) and self._answered and not _untrusted(error)
                cut = isinstance(error, httpx.RemoteProtocolError | httpx.ReadError | httpx.WriteError)
                if gone:
                    attempts = RESTARTING
                if not (gone or (cut and repeatable)) or attempt >= attempts:
                    self._answered = self._answered and not gone  # nobody else waits as long once more
                    raise self._unreachable(error) from None
                pause = 0.0
            else:
                self._answered = True
                if answer.status_code == 401 and not renewed and self._renewed(who):
                    renewed = True
                    continue
                busy = answer.status_code == 429 or (answer.status_code in _PASSING and repeatable)
                if not busy or attempt >= attempts:
                    return self._read(answer, action, place, absent)
                pause = _seconds(answer.headers.get("Retry-After"))
            time.sleep(min(max(pause, 0.1 * 2**attempt), LONGEST))
            attempt += 1

    def lines(
        self, path: str, action: str, place: str = "", *, query: Mapping[str, str] | None = None
    ) -> Iterator[str]:
        """Yield the lines of a text as the server sends them, however long it takes; a connection that ends, ends it.

        Raises:
            ClusterError: see `hub2ghcr.cluster.Cluster`.
        """
        timeout = httpx.Timeout(SECONDS, connect=CONNECT, read=None)
        try:
            with self._client.stream(
                "GET",
                self._server + path,
                params=dict(query or {}),
                headers=dict(self._headers),
                extensions=dict(self._extensions),
                timeout=timeout,
            ) as answer:
                if not answer.is_success:
                    answer.read()
                    self._read(answer, action, place, absent=False)
                yield from answer.iter_lines()
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            if not isinstance(error, httpx.RemoteProtocolError | httpx.ReadError):
                raise self._unreachable(error) from None

    def socket(self, path: str, query: Sequence[tuple[str, str]], protocol: str, action: str, place: str) -> Connection:
        """Open a WebSocket (RFC 6455) that speaks ``protocol``; whoever asks closes it.

        Raises:
            ClusterError: see `hub2ghcr.cluster.Cluster`.
        """
        from websockets.exceptions import InvalidStatus, WebSocketException
        from websockets.sync.client import connect
        from websockets.typing import Subprotocol

        url = f"{self._server}{path}?{urlencode(list(query))}"
        secured = url.startswith("https:")
        try:
            return connect(
                "ws" + url.removeprefix("http"),
                ssl=self._reached.tls if secured else None,
                server_hostname=self._reached.server_name if secured else None,
                subprotocols=[Subprotocol(protocol)],
                additional_headers=dict(self._headers),
                compression=None,
                proxy=self._reached.proxy,
                open_timeout=CONNECT,
            )
        except InvalidStatus as error:
            found = httpx.Response(error.response.status_code, content=bytes(error.response.body or b""))
            found.request = httpx.Request("GET", self._server + path)
            self._read(found, action, place, absent=False)
            raise ClusterError(f"opens no stream for {action}", f"cluster {self.name}", place) from None
        except (OSError, WebSocketException) as error:
            raise self._unreachable(error) from None

    def _renewed(self, refused: Mapping[str, str]) -> bool:
        """Take the credential anew where nobody else just did; tell whether there is another one."""
        if self._renew is None:
            return False
        with self._lock:
            if self._headers is refused:
                self._headers = dict(self._renew().headers)
            return self._headers != refused

    def _unreachable(self, error: Exception) -> ClusterError:
        what = f"is unreachable ({error or type(error).__name__})"
        if _untrusted(error):
            remedy = f"is the certificate authority of {self.where} the cluster's own?"
            return ClusterError(what, f"cluster {self.name}", self._server, remedy)
        remedy = f"is {self.where} the right one, and the cluster up?"
        return Unavailable(what, f"cluster {self.name}", self._server, remedy)

    def _read(self, answer: httpx.Response, action: str, place: str, absent: bool) -> dict[str, Any] | None:
        cluster = f"cluster {self.name}"
        if answer.status_code == 404 and absent:
            return None
        if answer.status_code == 401:
            remedy = f"renew the credential of {self.where}"
            raise ClusterError("refuses the credential (401)", cluster, self._server, remedy)
        try:
            found = answer.json()
        except ValueError:
            found = None
        if answer.is_success and isinstance(found, dict):
            return found
        status = found if isinstance(found, dict) and found.get("kind") == "Status" else {}
        url = str(answer.request.url.copy_with(query=None))
        raise explained(answer.status_code, status, cluster, action, place, url)


def _untrusted(error: Exception) -> bool:
    return "CERTIFICATE_VERIFY_FAILED" in str(error)


def _seconds(header: str | None) -> float:
    """Return what ``Retry-After`` says, which an API server writes in whole seconds."""
    return float(header) if header and header.isdigit() else 0.0
