"""One line of a document in plain block style, on its own: ``- key: value # comment``.

Only what means the same wherever it stands is taken; every other line is None, and its document is for the full parser.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Final, NamedTuple

from .flow import read
from .scalar import Style

# Every alternative begins with signs of its own, and repeats are possessive: a line costs one pass.
_PLAIN: Final = rb"(?:[A-Za-z0-9_/.$(+^~<;=\\\x80-\xff]|[-:](?=[^ ]))(?:[^ :#]++|#|:(?=[^ ])| ++(?=[^ #]))*+"
_SINGLE: Final = rb"'(?:[^']|'')*+'"
_DOUBLE: Final = rb'"(?:[^"\\]|\\["\\/nrt0])*+"'
_KEY: Final = rb"""[A-Za-z0-9_./$][A-Za-z0-9_./$-]{0,200}+|'[^'"\\]{0,200}+'|"[^"\\]{0,200}+\""""

_LINE: Final = re.compile(
    rb"(?P<indent> *+)(?P<dash>- ++)?+(?:(?P<key>" + _KEY + rb"):(?= |$))?+"
    rb"(?: *+(?P<value>(?P<plain>" + _PLAIN + rb")|(?P<single>" + _SINGLE + rb")|(?P<double>" + _DOUBLE + rb")"
    rb"|(?P<flow>[\[{].*+)|(?P<block>[|>][-+]?)))?+(?: ++#.*+| *+)"
)
_END: Final = re.compile(rb" ++#.*+| *+")

_SIMPLE: Final = re.compile(rb"[A-Za-z0-9_/.][A-Za-z0-9_./@+=-]*+(?::[A-Za-z0-9_./@+=-]++)*+")
"""Plain scalars that end where their line does: every `_SIMPLE` is a `_PLAIN`."""

MAX_LINES: Final = 1 << 14
"""Different lines that are remembered."""

_KINDS: Final = ("plain", "single", "double", "flow", "block")
_STYLES: Final[Mapping[str, Style]] = {"plain": "plain", "single": "single", "double": "double"}

OPEN, WHOLE, TEXT, FLOW = 0, 1, 2, 3
"""What a value is: on the next lines (or null), a scalar of this line, the lines of a block scalar, or in brackets."""


class Said(NamedTuple):
    """Where a line's value stands (columns from 0), in which style (None: it cannot be kept), and its key's style."""

    begin: int
    end: int
    style: Style | None
    key_style: Style


class Line(NamedTuple):
    """What a line says. Named tuples, not dataclasses: they are taken apart at every line of a file."""

    indent: int
    dash: bool
    column: int
    """Of the key or of the value, from 0."""
    key: bytes | None
    """Without quotes; None for an item without a key."""
    value: int
    """`OPEN`, `WHOLE`, `TEXT` or `FLOW`; -1 for nothing at all."""
    keep: frozenset[bytes] | None
    """Keys of which one must stand above, for the pair (or the item) to be kept; empty: always; None: never."""
    said: Said
    unread: bool
    """Whether its value may be anything."""


ANYWHERE: Final = frozenset[bytes]()
BLANK: Final = Line(0, False, 0, None, -1, None, Said(0, 0, None, "plain"), False)


class Lines:
    """What lines say, remembered: most lines of manifests stand there many times.

    Args:
        keys: the keys that are kept, each with those of which one must stand above (empty: anywhere).
        refused: what no line may hold, but those of keys that are kept anywhere, or unread.
        unread: keys whose values may be anything.
    """

    def __init__(
        self, keys: Mapping[str, frozenset[str]], refused: re.Pattern[bytes] | None, unread: Collection[str]
    ) -> None:
        self._refused = refused
        self._unread = frozenset(key.encode() for key in unread)
        self._keys = {key.encode(): frozenset(above.encode() for above in keys[key]) for key in keys}
        self._heads: dict[bytes, Line | None] = {}
        self.known: dict[bytes, Line | None] = {}

    def read(self, text: bytes) -> Line | None:
        """Return what a line says, as `learn`."""
        return self.known[text] if text in self.known else self.learn(text)

    def learn(self, text: bytes) -> Line | None:
        """Return what a line says, `BLANK` for nothing or a comment, None where that depends on others."""
        if len(self.known) >= MAX_LINES:
            self.known.clear()
        line = None
        head, colon, tail = text.partition(b": ")
        if colon and _SIMPLE.fullmatch(tail):
            # The same key with another value: nothing else differs.
            try:
                line = self._heads[head]
            except KeyError:
                if len(self._heads) >= MAX_LINES:
                    self._heads.clear()
                line = self._heads[head] = self._classify(head + b": x")
            if line is not None and line is not BLANK:
                begin = len(head) + 2
                said = Said(begin, len(text), "plain", line[6][3])
                line = Line(line[0], line[1], line[2], line[3], WHOLE, line[5], said, line[7])
        else:
            line = self._classify(text)
        if line is not None and line[5] != ANYWHERE and self._refused is not None and line[4] >= 0 and not line[7]:
            line = None if self._refused.search(text) else line
        self.known[text] = line
        return line

    def _classify(self, text: bytes) -> Line | None:
        bare = text.lstrip(b" ")
        if not bare or bare.startswith(b"#"):
            return BLANK
        found = None if b"\t" in text else _LINE.fullmatch(text)
        if found is None:
            return None
        indent, dash, key = len(found["indent"]), found["dash"], found["key"]
        kind = next((name for name in _KINDS if found[name] is not None), "")
        begin, end = found.span("value") if kind else (found.end("key") + 1,) * 2
        style = _STYLES.get(kind)
        if style == "double" and b"\\" in found["value"]:
            style = None
        value = {"": OPEN, "block": TEXT, "flow": FLOW}.get(kind, WHOLE)
        column = indent + len(dash or b"")
        key_style: Style = {b"'": "single", b'"': "double"}.get((key or b"")[:1], "plain")  # type: ignore[assignment]
        name = key if key is None or key_style == "plain" else key[1:-1]
        if name is not None and not name.isascii():
            return None
        keep = None if name is None else self._keys.get(name)
        if value == FLOW:
            flow = read(text, begin, above=name)
            if flow is None or not _END.fullmatch(text, flow.end):
                return None
            end = flow.end
            if any(self._asked(*each) for each in flow.keys):
                keep = ANYWHERE
        if name is None and not (dash and value != OPEN):
            # A scalar without a key goes on from the line before, or on the next one: only an item is whole.
            return None
        said = Said(begin, end, style, key_style)
        return Line(indent, dash is not None, column, name, value, keep, said, name in self._unread)

    def _asked(self, key: bytes, above: bytes | None) -> bool:
        """Whether a pair is kept, by its key and the one above."""
        owners = self._keys.get(key)
        return owners is not None and (not owners or above in owners)
