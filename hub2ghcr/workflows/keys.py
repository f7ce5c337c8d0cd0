"""Keys put into the text of a mapping, in the style of what stands around them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from ..source import MapNode, Scalar

_EMPTY: Final = re.compile(rb"\s*:\s*\{(\s*)\}")


@dataclass(frozen=True, slots=True)
class Splice:
    """Bytes in place of the bytes ``[start, end)`` of a file."""

    start: int
    end: int
    new: bytes


def spliced(data: bytes, splices: Sequence[Splice]) -> bytes:
    """Return a file with all splices made; none of them overlap."""
    for each in sorted(splices, key=lambda each: (each.start, each.end), reverse=True):
        data = data[: each.start] + each.new + data[each.end :]
    return data


def before(data: bytes, key: Scalar, lines: Sequence[str]) -> Splice:
    """Return keys put before a key, one a line; in braces side by side."""
    if _in_braces(data, key):
        return Splice(key.start, key.start, "".join(f"{_flat(lines)}, ").encode())
    gap = _end(data) + b" " * (key.column - 1)
    return Splice(key.start, key.start, b"".join(line.encode() + gap for line in lines))


def behind(data: bytes, key: Scalar, value: Scalar, lines: Sequence[str]) -> Splice:
    """Return keys put behind a pair that takes one line; in braces side by side."""
    if _in_braces(data, key):
        return Splice(value.end, value.end, f", {_flat(lines)}".encode())
    end, gap = _end(data), b" " * (key.column - 1)
    at = data.find(b"\n", value.end) + 1
    if not at:
        return Splice(len(data), len(data), b"".join(end + gap + line.encode() for line in lines))
    return Splice(at, at, b"".join(gap + line.encode() + end for line in lines))


def in_empty(data: bytes, key: Scalar, line: str) -> Splice | None:
    """Return a key put between the braces of ``key: {}``; None where it does not say that."""
    found = _EMPTY.match(data, key.end)
    return None if found is None else Splice(found.start(1), found.end(1), line.encode())


def step(outer: MapNode, inner: MapNode) -> str:
    """Return the blanks by which a file indents a mapping in a mapping."""
    if outer.items and inner.items:
        size = inner.items[0][0].column - outer.items[0][0].column
        if size > 0:
            return " " * size
    return "  "


def _flat(lines: Sequence[str]) -> str:
    """Return lines as a flow mapping's pairs: indented ones belong to the one before them."""
    if len(lines) < 2 or not lines[1].startswith(" "):
        return ", ".join(lines)
    return f"{lines[0]} {{{', '.join(line.strip() for line in lines[1:])}}}"


def _in_braces(data: bytes, key: Scalar) -> bool:
    head = data[: key.start].rstrip(b" \t\r\n")
    return head.endswith((b"{", b",")) and b"#" not in head.rpartition(b"\n")[2]


def _end(data: bytes) -> bytes:
    first = data.find(b"\n")
    return b"\r\n" if first > 0 and data[first - 1 : first] == b"\r" else b"\n"
