"""Flow style on one line: ``{app: web, ports: [80, 443]}``.

Only what every parser reads alike is taken: simple plain scalars, quoted ones without escapes, no empty values.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from .scalar import Scalar, Style
from .tree import ListNode, MapNode, Node

MAX_DEPTH: Final = 20
"""Levels of nesting on one line."""

MAX_LENGTH: Final = 1 << 14
"""Bytes of a line: what is longer has its bounds in the full parser."""

_NO_KEY: Final = Scalar("", 0, 0, 0, 0, "plain")

_QUOTED: Final = rb"""'[^'\\]{0,200}+'|"[^"\\]{0,200}+\""""
_WORD: Final = rb"[A-Za-z0-9_./=+-]"
_TOKEN: Final = re.compile(
    rb" *+(?:(?P<open>[\[{])|(?P<close>[\]}])|(?P<comma>,)"
    rb"|(?P<key>[A-Za-z0-9_./$][A-Za-z0-9_./$-]{0,200}+|" + _QUOTED + rb"):(?= )"
    rb"|(?P<scalar>(?:[A-Za-z0-9_./]|-(?=[A-Za-z0-9-]))(?:" + _WORD + rb"|:(?=" + _WORD + rb"))*+|"
    rb"'[^']*+'(?!')|\"[^\"\\]*+\"))"
)


_Open = tuple[list[tuple[Scalar, Node]], set[str] | None, list[Scalar]]
"""Of an open collection: its pairs or items, its keys (None: a sequence), and the key of the pair that has begun."""


@dataclass(frozen=True, slots=True)
class Flow:
    """A collection: the columns of the line, from 0, at which it begins and ends, and its node.

    ``keys`` are those of all its mappings, each with the key whose value that mapping is, None for none.
    """

    begin: int
    end: int
    node: Node
    keys: frozenset[tuple[bytes, bytes | None]]


def read(text: bytes, begin: int, at: int = 0, line: int = 0, above: bytes | None = None) -> Flow | None:
    """Return the collection that begins in a line, None when only the full parser reads it.

    Args:
        text: the line.
        begin: the column, from 0, of the bracket. What is before it is ASCII.
        at: the byte of the file at which the line begins.
        line: its number, from 1.
        above: the key whose value it is.
    """
    if len(text) > MAX_LENGTH:
        return None
    keys: set[tuple[bytes, bytes | None]] = set()
    stack: list[_Open] = []
    value = True  # whether a value, or a key, may come next
    here, end = begin, len(text)
    while here < end:
        found = _TOKEN.match(text, here)
        if found is None:
            return None
        here = found.end()
        kind = found.lastgroup
        node: Node
        if kind == "comma":
            if value:
                return None
            value = True
            continue
        if kind == "close":
            pairs, seen, waiting = stack[-1]
            if (seen is None) != (found["close"] == b"]") or waiting or (value and pairs):
                return None
            stack.pop()
            node = ListNode(tuple([item for _, item in pairs])) if seen is None else MapNode(tuple(pairs))
            if not stack:
                return Flow(begin, here, node, frozenset(keys))
        elif not value:
            return None
        elif kind == "open":
            if len(stack) == MAX_DEPTH or (stack and stack[-1][1] is not None and not stack[-1][2]):
                return None
            stack.append(([], set() if found["open"] == b"{" else None, []))
            continue
        else:
            scalar = _scalar(text, *found.span(kind or 0), at, line)
            if kind == "key":
                seen, waiting = stack[-1][1:]
                if seen is None or waiting or scalar.value in seen:
                    return None
                seen.add(scalar.value)
                waiting.append(scalar)
                keys.add((scalar.value.encode(), _above(stack, above)))
                continue
            node = scalar
        pairs, seen, waiting = stack[-1]
        if seen is not None and not waiting:
            return None
        pairs.append((waiting.pop() if waiting else _NO_KEY, node))
        value = False
    return None


def _above(stack: list[_Open], above: bytes | None) -> bytes | None:
    """Return the key whose value the last mapping is."""
    if len(stack) == 1:
        return above
    waiting = stack[-2][2]
    return waiting[0].value.encode() if waiting else None


def _scalar(text: bytes, begin: int, end: int, at: int, line: int) -> Scalar:
    style: Style = {b"'": "single", b'"': "double"}.get(text[begin : begin + 1], "plain")  # type: ignore[assignment]
    value = text[begin:end] if style == "plain" else text[begin + 1 : end - 1]
    column = len(text[:begin].decode()) + 1
    return Scalar(value.decode(), at + begin, at + end, line, column, style)
