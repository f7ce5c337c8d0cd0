"""Standard streams of a command in a container: the API server's ``v4.channel.k8s.io`` over a WebSocket.

Each message begins with the number of its channel (kubernetes.io/docs, "Accessing the Kubernetes API": exec, as in
k8s.io/apimachinery ``pkg/util/remotecommand``). This version cannot close standard input: a command has to know how
much it is to read.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final

from ..errors import Refused, Unavailable

if TYPE_CHECKING:
    from websockets.sync.connection import Connection

PROTOCOL: Final = "v4.channel.k8s.io"
_STDIN, _STDERR, _ERROR = 0, 2, 3


def feed(socket: Connection, content: Iterable[bytes], place: str) -> None:
    """Write to a command's standard input, and wait for its end.

    Raises:
        Refused: it failed, in its own words.
        Unavailable: the connection ended first.
    """
    from websockets.exceptions import ConnectionClosed

    words = b""
    try:
        try:
            for piece in content:
                socket.send(bytes([_STDIN]) + piece)
        except ConnectionClosed:
            pass  # it ended early; what it said is still to be read
        for message in socket:
            data = message.encode() if isinstance(message, str) else message
            if data[:1] == bytes([_STDERR]):
                words += data[1:]
            elif data[:1] == bytes([_ERROR]):
                _ended(json.loads(data[1:]), words, place)
                return
    except ConnectionClosed:
        pass
    raise Unavailable("the stream to a container ended before its command did", place, remedy="run it again")


def _ended(status: dict[str, Any], words: bytes, place: str) -> None:
    if status.get("status") == "Success":
        return
    told = words.decode(errors="replace").strip().rpartition("\n")[2] or str(status.get("message", ""))
    raise Refused(f"the command in the container failed: {told}", place, reason=str(status.get("reason", "")))
