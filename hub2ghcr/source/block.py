"""The small part of YAML in which most manifests are written, read line by line.

Block style, one key or one item a line, values that are whole on their line, and block scalars. `Block.read` tells a
document that keeps to it, and to the rules of indentation, from every other; it never guesses.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from .flow import read
from .line import ANYWHERE, FLOW, OPEN, TEXT, Line, Lines
from .scalar import Scalar
from .tree import MAX_NODES, ListNode, MapNode, Node

MAX_DEPTH: Final = 60
"""Levels of nesting above what is kept."""

_PIECE: Final = 1 << 18
_NOTHING: Final = MapNode(())


@dataclass(frozen=True, slots=True)
class Keep:
    """What is asked for.

    Args:
        keys: pairs with these keys stay, with all that is below them. Where the set is not empty, it holds the keys
            of which one must stand directly above.
        refused: a line in which this is found, and that is not kept, makes its document one for the full parser.
        unread: keys whose values may hold what is refused.
    """

    keys: Mapping[str, frozenset[str]]
    refused: re.Pattern[bytes] | None = None
    unread: frozenset[str] = frozenset()
    lines: Lines = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "lines", Lines(self.keys, self.refused, self.unread))


# An open collection is a list of these: a document has dozens, and an object of a class would cost five times as much.
# Its column; the keys of a mapping, None for a sequence; how many items a sequence has; its pairs or items once a thing
# below it is kept; and the last pair's line, the byte at which that begins, and its number.
_COLUMN, _KEYS, _COUNT, _ITEMS, _LINE, _AT, _NUMBER = range(7)
_Frame = list[Any]


def _pair(frame: _Frame, value: Any) -> None:
    """Keep the last pair of a mapping, with this value."""
    _, _, _, items, line, at, number = frame
    start = at + line.column
    if items is None:
        frame[_ITEMS] = items = []
    elif items and items[-1][0].start == start:
        items[-1] = (items[-1][0], value)
        return
    key = line.key.decode()
    style = line.said.key_style
    end = start + len(key) + (0 if style == "plain" else 2)
    items.append((Scalar(key, start, end, number, line.column + 1, style), value))


def _item(frame: _Frame, value: Any) -> None:
    """Keep the last item of a sequence, with this value."""
    items = frame[_ITEMS]
    if items is None:
        frame[_ITEMS] = items = []
    if (missing := frame[_COUNT] - 1 - len(items)) > 0:
        items += [_NOTHING] * missing
    items.append(value)


def _node(frame: _Frame) -> Node:
    """Return what was kept of a collection."""
    kept = frame[_ITEMS] or []
    if frame[_KEYS] is not None:
        return MapNode(tuple([(key, _node(each) if type(each) is list else each) for key, each in kept]))
    nodes = [_node(each) if type(each) is list else each for each in kept]
    return ListNode((*nodes, *[_NOTHING] * (frame[_COUNT] - len(nodes))))


def _close(frames: list[_Frame]) -> None:
    """End the last collection: a node takes less than what was needed to read it."""
    frame = frames.pop()
    if frame[_ITEMS] is not None:
        above = frames[-1]
        items = above[_ITEMS]
        items[-1] = _node(frame) if above[_KEYS] is None else (items[-1][0], _node(frame))


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
        if text.startswith(b"\xef"):  # a byte order mark
            return None
        lines_known = self._keep.lines
        known, frames = lines_known.known, list[_Frame]()
        if text.startswith(b"---"):
            head, _, text = text.partition(b"\n")
            if head[3:].strip(b" ") and head[3:].lstrip(b" ")[:1] != b"#":
                return None
            at += len(head) + 1
            number += 1
        refused = self._keep.refused
        unread = False  # the block scalar that is being read
        pending = False  # the last line is a key without a value
        deep = 0  # as many frames, and what is above them is kept whole
        text_of = -1  # the column of the mapping whose block scalar is being read
        left = 0  # the column at which that text begins
        kept = 0
        top: _Frame = [-1, None, 0, None, None, 0, 0]
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
                        if bare.startswith(b"\t"):
                            return None
                        left = indent
                    if left and indent >= left:
                        if refused is not None and not unread and refused.search(raw):
                            return None
                        continue
                    text_of, left = -1, 0
                try:
                    line = known[raw]
                except KeyError:
                    line = lines_known.learn(raw)
                if line is None:
                    return None
                indent, dash, column, key, value, keep, _, _ = line
                if value < 0:
                    continue
                if dash:
                    if pending and indent >= top[_COLUMN]:
                        top = [indent, None, 0, None, None, 0, 0]
                        frames.append(top)
                    elif frames:
                        while top[_COLUMN] > indent and len(frames) > 1:
                            _close(frames)
                            top = frames[-1]
                        if top[_KEYS] is not None or top[_COLUMN] != indent:
                            return None
                    elif indent:
                        return None
                    else:
                        top = [0, None, 0, None, None, 0, 0]
                        frames.append(top)
                    top[_COUNT] += 1
                    if key is None:
                        pending = False
                        if keep is not None or (deep and len(frames) > deep):
                            kept += 1
                            scalar = value_of(raw, begin, number, line)
                            if scalar is None or len(frames) > MAX_DEPTH or kept > MAX_NODES:
                                return None
                            _link(frames)
                            _item(top, scalar)
                        if value == TEXT:
                            text_of, unread = indent, False
                        continue
                    top = [column, {key}, 0, None, None, 0, 0]
                    frames.append(top)
                else:
                    if key is None:
                        return None
                    if not frames or (pending and column > top[_COLUMN]):
                        top = [column, {key}, 0, None, None, 0, 0]
                        frames.append(top)
                    else:
                        while (top[_COLUMN] > column or (top[_KEYS] is None and top[_COLUMN] == column)) and len(
                            frames
                        ) > 1:
                            _close(frames)
                            top = frames[-1]
                        if top[_COLUMN] != column or top[_KEYS] is None:
                            return None
                        keys = top[_KEYS]
                        if key in keys:
                            return None
                        keys.add(key)
                top[_LINE], top[_AT], top[_NUMBER] = line, begin, number
                pending = value == OPEN
                if value == TEXT:
                    text_of, unread = column, line.unread
                if deep:
                    if len(frames) > deep:
                        keep = ANYWHERE
                    else:
                        deep = 0
                if keep is None or (keep and (len(frames) < 2 or not _below(frames[-2], keep))):
                    continue
                kept += 1
                scalar = value_of(raw, begin, number, line)
                if scalar is None or len(frames) > MAX_DEPTH or kept > MAX_NODES:
                    return None
                if pending and not deep:
                    deep = len(frames)
                _link(frames)
                _pair(top, scalar)
        return _node(frames[0]) if frames else None


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
    while linked and frames[linked][_ITEMS] is None:
        linked -= 1
    for index in range(linked + 1, len(frames)):
        frame, above = frames[index], frames[index - 1]
        frame[_ITEMS] = []
        if above[_KEYS] is None:
            _item(above, frame)
        else:
            _pair(above, frame)


def _below(frame: _Frame, keys: frozenset[bytes]) -> bool:
    """Whether what stands in a collection stands directly below one of these keys."""
    return frame[_KEYS] is not None and frame[_LINE].key in keys


def value_of(raw: bytes, at: int, number: int, line: Line) -> Node | None:
    """Return the value of a line, None when only the full parser tells it."""
    value, (begin, end, style, _) = line.value, line.said
    if value == OPEN:
        return Scalar("", at + begin, at + end, number, begin + 1, "plain")
    if value == FLOW:
        flow = read(raw, begin, at, number)
        return flow.node if flow else None
    if style is None:
        return None
    text = raw[begin:end].decode()
    if style != "plain":
        text = text[1:-1] if style == "double" else text[1:-1].replace("''", "'")
    return Scalar(text, at + begin, at + end, number, begin + 1, style)
