"""An HTTP server on the loopback that gives prepared answers, and remembers what it was asked."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.hub2ghcr.listening import listening


@dataclass
class Answering:
    """A server at ``url``; ``answers`` by path (a status, or JSON), 404 for any other."""

    url: str
    answers: Mapping[str, Any]
    asked: list[str] = field(default_factory=list)
    headers: list[Mapping[str, str]] = field(default_factory=list)


@contextmanager
def answering(answers: Mapping[str, Any], port: int = 0) -> Iterator[Answering]:
    """Serve ``answers`` while the context lasts, at a port of its own, or at that of one that has ended."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found.asked.append(self.path)
            found.headers.append(dict(self.headers))
            answer = found.answers.get(self.path, 404)
            body = json.dumps({} if isinstance(answer, int) else answer).encode()
            self.send_response(answer if isinstance(answer, int) else 200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    found = Answering(f"http://127.0.0.1:{server.server_address[1]}", answers)
    with listening(server):
        yield found
