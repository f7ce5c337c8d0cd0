"""The name server of the lab's Pods: what it answers to queries as resolvers send them."""

from __future__ import annotations

import struct

from lab.name_server import answer

NAMES = {"ghcr.io": "10.1.2.3"}


def query(name: str, kind: int = 1) -> bytes:
    labels = b"".join(bytes([len(part)]) + part.encode() for part in name.split("."))
    return struct.pack("!HHHHHH", 7, 0x0100, 1, 0, 0, 0) + labels + b"\0" + struct.pack("!HH", kind, 1)


def test_a_known_name_has_its_address() -> None:
    found = answer(query("GHCR.io"), NAMES)
    assert struct.unpack("!HHHHHH", found[:12]) == (7, 0x8500, 1, 1, 0, 0)
    assert found.endswith(bytes([10, 1, 2, 3]))


def test_a_known_name_without_such_a_record_is_no_unknown_one() -> None:
    assert struct.unpack("!HHHHHH", answer(query("ghcr.io", 28), NAMES)[:12]) == (7, 0x8500, 1, 0, 0, 0)


def test_what_is_unknown_does_not_exist() -> None:
    found = answer(query("ghcr.io.shop.svc.cluster.local"), NAMES)
    assert struct.unpack("!HHHHHH", found[:12]) == (7, 0x8503, 1, 0, 0, 0)
