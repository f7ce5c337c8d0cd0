"""The small part of YAML in which most manifests are written, read line by line.

Block style, one key or one item a line, scalars that are whole on their line, and block scalars. `Block.read` tells a
document that keeps to it, and to the rules of indentation, from every other; it never guesses.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from .line import ANYWHERE, BLANK, OPEN, TEXT, Line, classify
from .scalar import Scalar
from .tree import MAX_NODES, ListNode, MapNode, Node

MAX_LINES: Final = 1 << 14
"""Different lines that are remembered: most lines of manifests stand there many times."""

_MAX_DEPTH: Final = 60
_PIECE: Final = 1 << 18
_NOTHING: Final = MapNode(())


@dataclass(frozen=True, slots=True)
class Keep:
    """What is asked for.

    Args:
        keys: pairs with these keys stay, with all that is below them. Where the set is not empty, it holds the keys
            of which one must stand directly above.
        words: a document holds one of these, or it is of no interest.
    """

    keys: dict[str, frozenset[str]]
    words: tuple[bytes, ...]
    lines: dict[bytes, Line | None] = field(default_factory=dict, compare=False, repr=False)

    def wanted(self, text: bytes) -> bool:
        """Whether a text may hold one of the words; an escape can spell anything."""
        return any(word in text for word in self.words) or b"\\" in text


class _Frame:
    """An open collection: its column, its last pair, and its pairs or items once something below it is kept."""

    __slots__ = ("at", "column", "count", "items", "keys", "line", "number")

    def __init__(self, column: int, keys: set[bytes] | None) -> None:
        self.column = column
        self.keys = keys  # of a mapping; None: a sequence
        self.count = 0  # items of a sequence
        self.items: list[Any] | None = None
        self.line: Line = BLANK
        self.at = self.number = 0  # where the line of the last pair begins, and its number

    def pair(self, value: Any) -> None:
        """Keep the last pair, with this value."""
        line, items = self.line, self.items
        start = self.at + line.column
        if items is None:
            self.items = items = []
        if items and items[-1][0].start == start:
            items[-1] = (items[-1][0], value)
            return
        key = (line.key or b"").decode()
        end = start + len(key) + (0 if line.key_style == "plain" else 2)
        items.append((Scalar(key, start, end, self.number, line.column + 1, line.key_style), value))

    def item(self, value: Any) -> None:
        """Keep the last item, with this value."""
        if self.items is None:
            self.items = []
        self.items += [_NOTHING] * (self.count - 1 - len(self.items))
        self.items.append(value)

    def node(self) -> Node:
        """Return what was kept."""
        kept = self.items or ()
        if self.keys is not None:
            return MapNode(tuple((key, each.node() if type(each) is _Frame else each) for key, each in kept))
        nodes = [each.node() if type(each) is _Frame else each for each in kept]
        return ListNode((*nodes, *[_NOTHING] * (self.count - len(nodes))))


class Block:
    """Reads documents one after the other."""

    def __init__(self, keep: Keep) -> None:
        self._keep = keep

    def read(self, text: bytes, at: int, number: int) -> Node | None:
        """Return a document cut down to what is asked for, None when it is for the full parser.

        Args:
            text: one document with its marker, if it has one: UTF-8, of printable signs and LF.
            at: the byte of the file at which it begins.
            number: the lines of the file before it.
        """
        if b"\t" in text:
            return None
        known, frames = self._keep.lines, list[_Frame]()
        if text.startswith(b"---"):
            head, _, text = text.partition(b"\n")
            if head[3:].strip(b" ") and head[3:].lstrip(b" ")[:1] != b"#":
                return None
            at += len(head) + 1
            number += 1
        pending = False  # the last line is a key without a value
        deep = 0  # as many frames, and what is above them is kept whole
        text_of = -1  # the column of the mapping whose block scalar is being read
        left = 0  # the column at which that text begins
        kept = 0
        top = _Frame(-1, None)
        for lines in _lines(text):
            for raw in lines:
                number += 1
                begin = at
                at += len(raw) + 1
                if text_of >= 0:
                    bare = raw.lstrip(b" ")
                    indent = len(raw) - len(bare)
                    if not bare:
                        if indent and not left:
                            return None
                        continue
                    if left == 0 and indent > text_of:
                        left = indent
                    if left and indent >= left:
                        continue
                    text_of, left = -1, 0
                try:
                    line = known[raw]
                except KeyError:
                    line = self._line(raw)
                if line is None:
                    return None
                indent, dash, column, key, value, keep, *_ = line
                if value < 0:
                    continue
                if dash:
                    if pending and indent >= top.column:
                        top = _Frame(indent, None)
                        frames.append(top)
                    elif frames:
                        while top.column > indent and len(frames) > 1:
                            frames.pop()
                            top = frames[-1]
                        if top.keys is not None or top.column != indent:
                            return None
                    elif indent:
                        return None
                    else:
                        top = _Frame(0, None)
                        frames.append(top)
                    top.count += 1
                    if key is None:
                        pending = False
                        if deep and len(frames) > deep:
                            scalar = _value(raw, begin, number, line)
                            if scalar is None:
                                return None
                            _link(frames)
                            top.item(scalar)
                        continue
                    keys = {key}
                    top = _Frame(column, keys)
                    frames.append(top)
                else:
                    if key is None:
                        return None
                    if not frames:
                        if indent:
                            return None
                        keys = {key}
                        top = _Frame(0, keys)
                        frames.append(top)
                    elif pending and column > top.column:
                        keys = {key}
                        top = _Frame(column, keys)
                        frames.append(top)
                    else:
                        while (top.column > column or (top.keys is None and top.column == column)) and len(frames) > 1:
                            frames.pop()
                            top = frames[-1]
                        if top.column != column or top.keys is None:
                            return None
                        keys = top.keys
                        if key in keys:
                            return None
                        keys.add(key)
                top.line, top.at, top.number = line, begin, number
                pending = value == OPEN
                if value == TEXT:
                    text_of = column
                if deep:
                    if len(frames) > deep:
                        keep = ANYWHERE
                    else:
                        deep = 0
                if keep is None or (keep and (len(frames) < 2 or frames[-2].line.key not in keep)):
                    continue
                kept += 1
                scalar = _value(raw, begin, number, line)
                if scalar is None or len(frames) > _MAX_DEPTH or kept > MAX_NODES:
                    return None
                if pending and not deep:
                    deep = len(frames)
                _link(frames)
                top.pair(scalar)
        return frames[0].node() if frames else None

    def _line(self, raw: bytes) -> Line | None:
        lines = self._keep.lines
        if len(lines) >= MAX_LINES:
            lines.clear()
        found = lines[raw] = classify(raw, self._keep.keys)
        return found


def _lines(text: bytes) -> Iterator[list[bytes]]:
    """Yield the lines in pieces: all at once, those of a large document would take several times its size."""
    begin = 0
    while len(text) - begin > _PIECE:
        end = text.rfind(b"\n", begin, begin + _PIECE)
        if end < 0:
            end = text.find(b"\n", begin + _PIECE)
        if end < 0:
            break
        yield text[begin:end].split(b"\n")
        begin = end + 1
    yield text[begin:].split(b"\n")


def _link(frames: list[_Frame]) -> None:
    """Hang the last frame, and those that lead to it, into the tree that is kept."""
    linked = len(frames) - 1
    while linked and frames[linked].items is None:
        linked -= 1
    for index in range(linked + 1, len(frames)):
        frame, above = frames[index], frames[index - 1]
        frame.items = []
        if above.keys is None:
            above.item(frame)
        else:
            above.pair(frame)


def _value(raw: bytes, at: int, number: int, line: Line) -> Node | None:
    """Return the value of a line, None when only the full parser tells it."""
    _, _, _, _, value, _, _, begin, end, style = line
    if value == OPEN:
        return Scalar("", at + begin, at + end, number, begin + 1, "plain")
    if style is None:
        said = raw[begin:end].replace(b" ", b"")
        return None if value == TEXT else _NOTHING if said == b"{}" else ListNode(()) if said == b"[]" else None
    text = raw[begin:end].decode()
    if style != "plain":
        text = text[1:-1] if style == "double" else text[1:-1].replace("''", "'")
    return Scalar(text, at + begin, at + end, number, begin + 1, style)
