"""A name server that knows a few names (RFC 1035): over UDP, IPv4 addresses alone."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

_A = 1
_NO_SUCH_NAME = 3


@contextmanager
def answering(address: str, names: Mapping[str, str]) -> Iterator[None]:
    """Answer at ``address``, port 53, with the addresses of ``names``; what else is asked for does not exist."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listening:
        listening.bind((address, 53))
        listening.settimeout(0.1)
        ended = threading.Event()

        def serve() -> None:
            while not ended.is_set():
                try:
                    query, whom = listening.recvfrom(512)
                except TimeoutError:
                    continue
                if len(query) > 12:
                    listening.sendto(answer(query, names), whom)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        try:
            yield
        finally:
            ended.set()
            thread.join(5)


def answer(query: bytes, names: Mapping[str, str]) -> bytes:
    """The answer to one query (RFC 1035, section 4): of a name that is known without such a record, none."""
    labels, at = [], 12
    while query[at]:
        labels.append(query[at + 1 : at + 1 + query[at]].decode("ascii", "replace"))
        at += 1 + query[at]
    question = query[12 : at + 5]
    address = names.get(".".join(labels).lower())
    found = address is not None and struct.unpack("!H", query[at + 1 : at + 3])[0] == _A
    # a response, authoritative, recursion as asked for
    flags = 0x8400 | (query[2] << 8 & 0x0100) | (0 if address is not None else _NO_SUCH_NAME)
    head = query[:2] + struct.pack("!HHHHH", flags, 1, int(found), 0, 0)
    if not found or address is None:
        return head + question
    record = b"\xc0\x0c" + struct.pack("!HHIH", _A, 1, 5, 4) + socket.inet_aton(address)
    return head + question + record
