"""An HTTP server on the loopback that answers as a function says, and remembers what it was asked."""

from __future__ import annotations

import json
import ssl
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from tests.hub2ghcr.listening import listening


@dataclass(frozen=True)
class Asked:
    """One request; header names in lower case."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Reply:
    """One answer. ``length`` is told where it is not the body's own; pieces of a body are sent one by one."""

    status: int = 200
    body: bytes | Iterable[bytes] = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    length: int | None = None

    @staticmethod
    def of(data: Any, status: int = 200, **headers: str) -> Reply:
        """JSON; the names of headers with underscores for hyphens."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return Reply(status, json.dumps(data).encode(), named)


@dataclass
class Serving:
    """A server at ``url``; ``asked`` is in the order of arrival. ``cut`` counts requests whose body did not come."""

    url: str
    asked: list[Asked] = field(default_factory=list)
    cut: int = 0

    @property
    def lines(self) -> list[str]:
        """Method and path of every request."""
        return [f"{each.method} {each.path}" for each in self.asked]


@contextmanager
def serving(answer: Callable[[Asked], Reply | int], tls: tuple[Path, Path] | None = None) -> Iterator[Serving]:
    """Serve while the context lasts; ``answer`` may give a bare status. ``tls`` is a certificate and its key."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = 5

        def _do(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            headers = {name.lower(): value for name, value in self.headers.items()}
            try:
                body = self.rfile.read(length)
            except TimeoutError:
                found.cut += 1
                raise
            asked = Asked(self.command, self.path, headers, body)
            found.asked.append(asked)
            given = answer(asked)
            reply = Reply(given) if isinstance(given, int) else given
            pieces = [reply.body] if isinstance(reply.body, bytes) else reply.body
            whole = len(reply.body) if isinstance(reply.body, bytes) else 0
            self.send_response(reply.status)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            if "Content-Length" not in reply.headers:
                self.send_header("Content-Length", str(whole if reply.length is None else reply.length))
            self.end_headers()
            if self.command != "HEAD":
                for piece in pieces:
                    self.wfile.write(piece)
                    self.wfile.flush()
            if reply.length not in (None, whole):
                self.close_connection = True

        do_GET = do_HEAD = do_POST = do_PUT = do_CONNECT = _do

        def log_message(self, *_: object) -> None: ...

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: object) -> None: ...  # clients that leave are the subject of tests

    server = Server(("127.0.0.1", 0), Handler)
    if tls:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*tls)
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    found = Serving(f"http{'s' if tls else ''}://127.0.0.1:{server.server_address[1]}")
    with listening(server):
        yield found
