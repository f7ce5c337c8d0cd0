"""Pools of connections on which each piece of a body has as long to be sent as an answer has to come.

urllib3 gives a body the time it gives to connecting, which is too short for a slow line and too long to wait for a
host that does not answer at all.
"""

from __future__ import annotations

from typing import Any, Final

from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection

CONNECT: Final = 10.0
"""Seconds to connect."""
SEND: Final = 60.0
"""Seconds to send one piece."""
SMALL: Final = 4096
"""Bytes that any system takes at once."""


class _Plain(HTTPConnection):
    def send(self, data: Any) -> None:
        _take_time(self, data)
        super().send(data)


class _Secure(HTTPSConnection):
    def send(self, data: Any) -> None:
        _take_time(self, data)
        super().send(data)


def _take_time(connection: HTTPConnection, data: Any) -> None:
    # Headers and small bodies go out at once, and most requests are no more than that.
    if connection.sock is not None and len(data) > SMALL:
        connection.sock.settimeout(SEND)


class PlainPool(HTTPConnectionPool):
    """Connections to one host by HTTP."""

    ConnectionCls = _Plain


class SecurePool(HTTPSConnectionPool):
    """Connections to one host by HTTPS."""

    ConnectionCls = _Secure
