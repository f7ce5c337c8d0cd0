"""The structure of documents in plain block style, read by an automaton that is built while it reads.

It knows the same YAML as `Block`, and makes no tree: it tells which lines are kept, and where they stand. What a line
does depends on the collections that are open and on the line without its value, and both come again and again, in
documents that are otherwise not alike. So each step is worked out once, and a line costs two look-ups.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple

from .block import MAX_DEPTH, Keep, value_of
from .line import ANYWHERE, OPEN, TEXT, Line

MAX_STEPS: Final = 1 << 16
"""Steps that are remembered."""

MAX_LINES: Final = 1 << 14
"""Different lines that are remembered."""

MAX_WIDTH: Final = 64
"""Keys of a mapping: a wider one is for `Block`, since each of its keys would be a state."""


class _Frame:
    """An open collection, equal only to itself: ``key`` is a mapping's last key, ``before`` the mapping before it."""

    __slots__ = ("before", "below", "column", "depth", "key", "lists", "width")

    def __init__(self, below: _Frame | None, before: _Frame | None, column: int, key: bytes | None) -> None:
        self.below, self.before, self.column, self.key = below, before, column, key
        self.depth: int = below.depth + 1 if below else 1
        self.lists: int = (below.lists if below else 0) + (key is None)
        self.width: int = before.width + 1 if before else 1


class _State:
    """Where a document stands after a line, equal only to itself.

    ``pending``: the line is a key without a value. ``deep``: as many collections, and what is above them is kept whole.
    """

    __slots__ = ("deep", "frame", "pending")

    def __init__(self, frame: _Frame | None, pending: bool, deep: int) -> None:
        self.frame, self.pending, self.deep = frame, pending, deep


class Kept(NamedTuple):
    """A kept line: the keys that lead to it, None for an item of a sequence, and what of the line counts."""

    path: tuple[bytes | None, ...]
    token: bytes


class _Effect(NamedTuple):
    """What a line does beside leading to the next state."""

    item: int
    """The open sequence, counted from the outermost, of which it begins an item; -1: none."""
    first: bool
    """Whether it begins the sequence, too."""
    kept: Kept | None
    text: int
    """The column of the collection whose block scalar it begins; -1: none."""
    unread: bool


_Step = tuple[_State, _Effect | None]
_Steps = dict[_State, _Step]
_REFUSED: Final = _Effect(-2, False, None, -1, False)


class Outline(NamedTuple):
    """What counts of a document: its kept lines, each with its indexes in sequences; and their numbers, from 0."""

    kept: tuple[Kept | tuple[int, ...], ...]
    lines: tuple[int, ...]


class Automaton:
    """Reads documents one after the other, and remembers steps.

    Args:
        keep: what is asked for.
        token: returns what of a line counts: another line that does the same, with LF behind it, or the line itself.
    """

    def __init__(self, keep: Keep, token: Callable[[bytes], bytes]) -> None:
        self._keep, self._token = keep, token
        self._start = _State(None, False, 0)
        self._forget()

    def _forget(self) -> None:
        self._frames: dict[tuple[_Frame | None, _Frame | None, int, bytes | None], _Frame] = {}
        self._states: dict[tuple[_Frame, bool, int], _State] = {}
        self._same: dict[tuple[tuple[bytes | None, ...], bytes], Kept] = {}
        self._steps: dict[bytes, tuple[_Steps, Line | None]] = {}
        self._known: dict[bytes, _Steps] = {}
        self._count = 0

    def read(self, lines: list[bytes]) -> Outline | None:
        """Return the outline of one document, with its marker if it has one; None when it is not for this reader.

        What has an outline, `Block.read` takes.
        """
        if self._count > MAX_STEPS:
            self._forget()
        if len(self._known) > MAX_LINES:
            self._known.clear()
        known, state, start = self._known, self._start, 0
        kept: list[Kept | tuple[int, ...]] = []
        at: list[int] = []
        counts: list[int] = []
        if lines[0].startswith(b"---"):
            rest = lines[0][3:].lstrip(b" ")
            if rest and rest[:1] != b"#":
                return None
            start = 1
        numbered = iter(range(start, len(lines)))
        for number in numbered:
            raw = lines[number]
            try:
                state, effect = known[raw][state]
            except KeyError:
                state, effect = self._learn(raw, state)
            if effect is None:
                continue
            item, first, keeps, text, unread = effect
            if item >= 0:
                if first:
                    del counts[item:]
                    counts.append(0)
                else:
                    counts[item] += 1
            elif item == _REFUSED.item:
                return None
            if keeps is not None:
                kept.append(keeps)
                at.append(number)
                if lists := keeps.path.count(None):
                    kept.append(tuple(counts[:lists]))
            if text >= 0:
                end = self._text_end(lines, number + 1, text, unread)
                if end < 0:
                    return None
                for _ in range(number + 1, end):
                    next(numbered)
        return Outline(tuple(kept), tuple(at)) if state.frame else None

    def _text_end(self, lines: list[bytes], at: int, column: int, unread: bool) -> int:
        """Return the number of the line after a block scalar, -1 when only the full parser tells it."""
        refused = None if unread else self._keep.refused
        left = 0
        for number in range(at, len(lines)):
            raw = lines[number]
            bare = raw.lstrip(b" ")
            indent = len(raw) - len(bare)
            if not bare:
                if indent and not left:
                    return -1
                continue
            if left == 0 and indent > column:
                if bare.startswith(b"\t"):
                    return -1
                left = indent
            if not left or indent < left:
                return number
            if refused is not None and refused.search(raw):
                return -1
        return len(lines)

    def _learn(self, raw: bytes, state: _State) -> _Step:
        token = self._token(raw)
        if token not in self._steps:
            self._count += 1
            self._steps[token] = {}, self._keep.lines.read(token.removesuffix(b"\n"))
        steps, line = self._steps[token]
        self._known[raw] = steps
        if state not in steps:
            self._count += 1
            steps[state] = self._step(state, token, line)
        return steps[state]

    def _step(self, state: _State, token: bytes, line: Line | None) -> _Step:
        """Work out what a line does, by the rules of `Block.read`."""
        refused = state, _REFUSED
        if line is None:
            return refused
        indent, dash, column, key, value, keep, _, unread = line
        if value < 0:
            return state, None
        frame: _Frame | None = state.frame
        item, first = -1, False
        if dash:
            if frame is None or (state.pending and indent >= frame.column):
                if frame is None and indent:
                    return refused
                frame, first = self._frame(frame, None, indent, None), True
            else:
                while frame.column > indent and frame.below is not None:
                    frame = frame.below
                if frame.key is not None or frame.column != indent:
                    return refused
            item = frame.lists - 1
            if key is None:
                keeps = None
                if keep is not None or (state.deep and frame.depth > state.deep):
                    keeps = self._kept(frame, token, line)
                    if keeps is None:
                        return refused
                text = indent if value == TEXT else -1
                return self._state(frame, False, state.deep), _Effect(item, first, keeps, text, False)
            frame = self._frame(frame, None, column, key)
        elif key is None:
            return refused
        elif frame is None or (state.pending and column > frame.column):
            frame = self._frame(frame, None, column, key)
        else:
            while (frame.column > column or (frame.key is None and frame.column == column)) and frame.below is not None:
                frame = frame.below
            if frame.column != column or frame.key is None or frame.width >= MAX_WIDTH:
                return refused
            earlier: _Frame | None = frame
            while earlier is not None:
                if earlier.key == key:
                    return refused
                earlier = earlier.before
            frame = self._frame(frame.below, frame, column, key)
        deep, pending = state.deep, value == OPEN
        if deep:
            if frame.depth > deep:
                keep = ANYWHERE
            else:
                deep = 0
        keeps = None
        if keep is not None and not (keep and (frame.below is None or frame.below.key not in keep)):
            keeps = self._kept(frame, token, line)
            if keeps is None:
                return refused
            if pending and not deep:
                deep = frame.depth
        after = self._state(frame, pending, deep)
        if item < 0 and keeps is None and value != TEXT:
            return after, None
        return after, _Effect(item, first, keeps, column if value == TEXT else -1, unread)

    def _kept(self, frame: _Frame, token: bytes, line: Line) -> Kept | None:
        if frame.depth > MAX_DEPTH or value_of(token.removesuffix(b"\n"), 0, 0, line) is None:
            return None
        path = []
        above: _Frame | None = frame
        while above is not None:
            path.append(above.key)
            above = above.below
        key = (tuple(path), token)
        return self._same.setdefault(key, Kept(*key))

    def _frame(self, below: _Frame | None, before: _Frame | None, column: int, key: bytes | None) -> _Frame:
        known = (below, before, column, key)
        found = self._frames.get(known)
        if found is None:
            found = self._frames[known] = _Frame(*known)
        return found

    def _state(self, frame: _Frame, pending: bool, deep: int) -> _State:
        known = (frame, pending, deep)
        found = self._states.get(known)
        if found is None:
            found = self._states[known] = _State(*known)
        return found
