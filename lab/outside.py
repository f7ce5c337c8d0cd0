"""What Pods of the lab's real node see of the outside, as long as a context lasts: ghcr.io by its name and with TLS.

The node's runtime is told where the stand-ins are (`lab.containerd`), and a container is not: a build inside of a Pod
asks a name server for ghcr.io and trusts a certificate. Both are at the node's own address among its Pods, which is
the name server that the kubelet gives them (``clusterDNS``). What is asked for goes to the front of the stand-in.
"""

from __future__ import annotations

import http.client
import ssl
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from lab import name_server
from lab.certificates import self_signed
from lab.identity import identity
from lab.ports import port
from lab.registry_config import BLOB_HOST

GHCR = "ghcr.io"
STORAGE = "pkg-containers.githubusercontent.com"
"""Where GHCR sends the downloads of blobs: another host, so that clients have to drop their token on the way."""
FILES = "files.example.org"
"""A host with nothing but the files that a test gives it."""

HOSTS = (GHCR, STORAGE, FILES)

_HOP = frozenset({"connection", "keep-alive", "transfer-encoding", "content-length", "host"})


@dataclass(frozen=True)
class Outside:
    """What is there: the authority that clients have to trust (PEM), and the ``files`` of `FILES` by path."""

    authority: bytes
    files: dict[str, bytes]


@contextmanager
def outside(state: Path) -> Iterator[Outside]:
    """Answer for these hosts, at the node's address."""
    address = identity(state.resolve()).gateway
    certificate, key = self_signed(*HOSTS)
    there = Outside(certificate, {})
    server = ThreadingHTTPServer((address, 443), _handler(state.resolve(), there.files))
    server.daemon_threads = True
    # the handshake is each connection's own, not that of the one thread which accepts them
    server.socket = _context(certificate, key).wrap_socket(
        server.socket, server_side=True, do_handshake_on_connect=False
    )
    with name_server.answering(address, dict.fromkeys(HOSTS, address)):
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield there
        finally:
            server.shutdown()
            server.server_close()
            thread.join(5)


def _context(certificate: bytes, key: bytes) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with tempfile.NamedTemporaryFile() as file:
        file.write(certificate + key)
        file.flush()
        context.load_cert_chain(file.name)
    return context


def _handler(state: Path, files: Mapping[str, bytes]) -> type[BaseHTTPRequestHandler]:
    front, blobs = port(state, "ghcr"), port(state, "ghcr-blobs")

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do(self) -> None:
            body = self._body()
            if self.headers.get("Host") == FILES:
                found = files.get(self.path)
                self._answer(404 if found is None else 200, {}, found or b"")
                return
            where = (BLOB_HOST, blobs) if self.headers.get("Host") == STORAGE else ("127.0.0.1", front)
            connection = http.client.HTTPConnection(*where, timeout=60)
            try:
                kept = {name: value for name, value in self.headers.items() if name.lower() not in _HOP}
                connection.request(self.command, self.path, body or None, kept)
                answer = connection.getresponse()
                told = {name: _named(value) for name, value in answer.getheaders() if name.lower() not in _HOP}
                if self.command == "HEAD":
                    told["Content-Length"] = answer.headers.get("Content-Length", "0")
                self._answer(answer.status, told, answer.read())
            finally:
                connection.close()

        do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

        def _body(self) -> bytes:
            if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
                return self.rfile.read(int(self.headers.get("Content-Length") or 0))
            pieces = []
            while size := int(self.rfile.readline().split(b";")[0], 16):
                pieces.append(self.rfile.read(size))
                self.rfile.readline()
            while self.rfile.readline().strip():
                pass
            return b"".join(pieces)

        def _answer(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            if "Content-Length" not in headers:
                self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)

    def _named(value: str) -> str:
        """Return a header with the outer name of what it points at."""
        for inner, outer in ((f"127.0.0.1:{front}", GHCR), (f"{BLOB_HOST}:{blobs}", STORAGE)):
            value = value.replace(f"http://{inner}", f"https://{outer}")
        return value

    return Handler
