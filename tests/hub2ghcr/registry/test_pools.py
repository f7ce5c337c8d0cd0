"""Connections on which sending has time of its own."""

from __future__ import annotations

import re
import socket
import threading
import time

import pytest

from hub2ghcr.registry import Patience
from hub2ghcr.registry.connections import Connections, split


def test_a_piece_may_take_longer_to_send_than_a_connection_to_make(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hub2ghcr.registry.connections.CONNECT", 0.3)
    body = b"x" * (32 << 20)  # more than the system takes at once

    def hesitate() -> None:
        here, _ = server.accept()
        time.sleep(1)
        got = b""
        while b"\r\n\r\n" not in got:
            got += here.recv(65536)
        head, _, rest = got.partition(b"\r\n\r\n")
        match = re.search(rb"content-length: (\d+)", head.lower())
        left = int(match[1] if match else 0) - len(rest)
        while left > 0 and (piece := here.recv(1 << 20)):
            left -= len(piece)
        here.sendall(b"HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n")

    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=hesitate, daemon=True).start()
        connections = Connections(Patience())
        origin, target = split(f"http://127.0.0.1:{server.getsockname()[1]}/x")
        answer = connections.send(connections.way(origin), "PUT", target, {"Content-Length": str(len(body))}, [body])
        assert answer.status == 201
        connections.close()
