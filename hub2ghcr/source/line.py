"""One line of a document in plain block style, on its own: ``- key: value # comment``.

Only what means the same wherever it stands is taken; every other line is None, and its document is for the full parser.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final, NamedTuple

from .scalar import Style

# Every alternative begins with signs of its own, and repeats are possessive: a line costs one pass.
_PLAIN: Final = rb"(?:[A-Za-z0-9_/.$(+^~<;=\\\x80-\xff]|[-:](?=[^ ]))(?:[^ :#]++|#|:(?=[^ ])| ++(?=[^ #]))*+"
_SINGLE: Final = rb"'(?:[^']|'')*+'"
_DOUBLE: Final = rb'"(?:[^"\\]|\\["\\/nrt0])*+"'
_ITEM: Final = rb"""(?:[A-Za-z0-9_./][A-Za-z0-9_./=-]*+|'[^']*+'|"[^"\\]*+")"""
_FLOW: Final = rb"\[(?: *+" + _ITEM + rb"(?: *+, *+" + _ITEM + rb")*+)? *+\]|\{ *+\}"
_KEY: Final = rb"""[A-Za-z0-9_./$][A-Za-z0-9_./$-]{0,200}+|'[^'"\\]{0,200}+'|"[^"\\]{0,200}+\""""

_LINE: Final = re.compile(
    rb"(?P<indent> *+)(?P<dash>- ++)?+(?:(?P<key>" + _KEY + rb"):(?= |$))?+"
    rb"(?: *+(?P<value>(?P<plain>" + _PLAIN + rb")|(?P<single>" + _SINGLE + rb")|(?P<double>" + _DOUBLE + rb")"
    rb"|(?P<flow>" + _FLOW + rb")|(?P<block>[|>][-+]?)))?+(?: ++#.*+| *+)"
)

_KINDS: Final = ("plain", "single", "double", "flow", "block")
_STYLES: Final[Mapping[str, Style]] = {"plain": "plain", "single": "single", "double": "double"}

OPEN, WHOLE, TEXT = 0, 1, 2
"""What a value is: on the next lines (or null), whole on this line, or the lines of a block scalar."""


class Line(NamedTuple):
    """What a line says. A named tuple, not a dataclass: one of each kind for a whole file, read at every line."""

    indent: int
    dash: bool
    column: int
    """Of the key or of the value, from 0."""
    key: bytes | None
    """Without quotes; None for an item without a key."""
    value: int
    keep: frozenset[bytes] | None
    """Keys of which one must stand above, for the pair to be kept; empty: always; None: never."""
    key_style: Style
    begin: int
    end: int
    style: Style | None
    """Of the value; None: nothing that can be kept."""


ANYWHERE: Final = frozenset[bytes]()
BLANK: Final = Line(0, False, 0, None, -1, None, "plain", 0, 0, None)


def classify(text: bytes, keys: Mapping[str, frozenset[str]]) -> Line | None:
    """Return what a line says, `BLANK` for nothing or a comment, None where that depends on others."""
    bare = text.lstrip(b" ")
    if not bare or bare.startswith(b"#"):
        return BLANK
    found = _LINE.fullmatch(text)
    if found is None:
        return None
    indent, dash, key = len(found["indent"]), found["dash"], found["key"]
    kind = next((name for name in _KINDS if found[name] is not None), "")
    begin, end = found.span("value") if kind else (found.end("key") + 1,) * 2
    style = _STYLES.get(kind)
    if style == "double" and b"\\" in found["value"]:
        style = None
    value = {"": OPEN, "block": TEXT}.get(kind, WHOLE)
    column = indent + len(dash or b"")
    if key is None:
        # A scalar without a key goes on from the line before, or on the next one: only an item is whole.
        return (
            Line(indent, True, column, None, value, None, "plain", begin, end, style)
            if dash and value == WHOLE
            else None
        )
    if not key.isascii():
        return None
    key_style: Style = {b"'": "single", b'"': "double"}.get(key[:1], "plain")  # type: ignore[assignment]
    name = key if key_style == "plain" else key[1:-1]
    return Line(indent, dash is not None, column, name, value, _keep(name, keys), key_style, begin, end, style)


def _keep(name: bytes, keys: Mapping[str, frozenset[str]]) -> frozenset[bytes] | None:
    above = keys.get(name.decode())
    return None if above is None else frozenset(each.encode() for each in above)
