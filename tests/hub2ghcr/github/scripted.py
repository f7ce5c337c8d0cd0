"""An HTTP server on the loopback that answers one call after the other from a list, as GitHub would."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.hub2ghcr.listening import listening


@dataclass(frozen=True)
class Said:
    """One answer; a ``status`` of 0 cuts the connection."""

    status: int = 200
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass
class Scripted:
    """The server: where it is, what it is still to answer (then 599), and what it was asked."""

    url: str
    answers: list[Said]
    asked: list[str] = field(default_factory=list)


@contextmanager
def scripted(*answers: Said) -> Iterator[Scripted]:
    """Serve the answers while the context lasts; ``{url}`` in a header is the server's own address."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self) -> None:
            self.rfile.read(int(self.headers.get("content-length") or 0))
            with lock:
                found.asked.append(f"{self.command} {self.path.removeprefix('/api/v3')}")
                said = found.answers.pop(0) if found.answers else Said(599)
            if not said.status:
                self.close_connection = True
                self.connection.close()
                return
            body = b"" if said.body is None else json.dumps(said.body).encode()
            self.send_response_only(said.status)
            self.send_header("Content-Length", str(len(body)))
            for name, value in said.headers.items():
                self.send_header(name, value.replace("{url}", found.url))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_PUT = do_POST = do_PATCH = do_DELETE = answer

        def handle(self) -> None:
            try:
                super().handle()
            except (OSError, ValueError):  # it was cut
                self.close_connection = True

        def finish(self) -> None:
            try:
                super().finish()
            except (OSError, ValueError):
                return

        def log_message(self, *_: object) -> None: ...

    lock = threading.Lock()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    found = Scripted(f"http://127.0.0.1:{server.server_address[1]}", list(answers))
    with listening(server):
        yield found
