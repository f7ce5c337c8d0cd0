"""Texts of a workflow that know where each of their characters stands, variables filled in."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Final, Literal

from ..source import Scalar

UNKNOWN: Final = "\ue000"
"""What stands in `Text.plain` for an expression whose value nobody knows before the run: one character."""

_BEFORE: Final = 60
_JOINED: Final = re.compile(r"[^\s'\"\\]")


@dataclass(frozen=True, slots=True)
class Origin:
    """The characters ``[start, end)`` of a scalar's value, in a file."""

    file: str
    scalar: Scalar
    start: int
    end: int

    @property
    def text(self) -> str:
        """What stands there."""
        return self.scalar.value[self.start : self.end]


@dataclass(frozen=True, slots=True)
class Chunk:
    """A piece of a text from one place.

    Attributes:
        text: what it says; for an unknown one the expression itself.
        origin: where it stands: the characters themselves (``literal``), or the expression that says it.
        kind: ``told`` is an expression whose value somebody told us.
        use: the variable that it came by, as it stands where the text is used; None where the text itself does.
        begins: whether it is the beginning of what that variable holds.
        whole: whether it is all that the variable holds.
        made: whether an action made the variable of it: it is written anew where the action has it from.
    """

    text: str
    origin: Origin
    kind: Literal["literal", "told", "unknown"] = "literal"
    use: Origin | None = None
    begins: bool = True
    whole: bool = True
    made: bool = False

    @property
    def plain(self) -> str:
        """What it says, `UNKNOWN` where nobody knows."""
        return UNKNOWN if self.kind == "unknown" else self.text

    def cut(self, start: int, end: int) -> Chunk:
        """Return the characters ``[start, end)`` of `plain`."""
        size = len(self.plain)
        if (start, end) == (0, size):
            return self
        begins, origin = self.begins and start == 0, self.origin
        if self.kind == "literal":
            origin = replace(origin, start=origin.start + start, end=origin.start + end)
        return replace(self, text=self.text[start:end], origin=origin, begins=begins, whole=False)


@dataclass(frozen=True, slots=True)
class Text:
    """A text in its chunks."""

    chunks: tuple[Chunk, ...]

    @classmethod
    def of(cls, file: str, scalar: Scalar, start: int = 0, end: int | None = None) -> Text:
        """Return what a scalar says, or a part of it, as it stands."""
        origin = Origin(file, scalar, start, len(scalar.value) if end is None else end)
        return cls((Chunk(origin.text, origin),)) if origin.text else cls(())

    @classmethod
    def joined(cls, texts: Iterable[Text]) -> Text:
        """Return several texts as one."""
        return cls(tuple(chunk for text in texts for chunk in text.chunks))

    @property
    def plain(self) -> str:
        """What it says, with `UNKNOWN` for what nobody knows."""
        return "".join(chunk.plain for chunk in self.chunks)

    @property
    def shown(self) -> str:
        """What it says, for people: expressions as they are written."""
        return "".join(chunk.text for chunk in self.chunks)

    @property
    def origin(self) -> Origin | None:
        """Where it begins, as it is used."""
        return (self.chunks[0].use or self.chunks[0].origin) if self.chunks else None

    def __getitem__(self, part: slice) -> Text:
        start, end, _ = part.indices(len(self.plain))
        found: list[Chunk] = []
        for chunk, at in self.placed():
            size = len(chunk.plain)
            first, last = max(start - at, 0), min(end - at, size)
            if first < last:
                found.append(chunk.cut(first, last))
        return Text(tuple(found))

    def placed(self) -> Iterator[tuple[Chunk, int]]:
        """Yield each chunk and where it begins in `plain`."""
        at = 0
        for chunk in self.chunks:
            yield chunk, at
            at += len(chunk.plain)

    def split(self, pattern: str) -> list[Text]:
        """Return what stands between the matches of a pattern, without blanks around it, and nothing empty."""
        found, at = [], 0
        plain = self.plain
        for each in re.finditer(pattern, plain):
            found.append(self[at : each.start()])
            at = each.end()
        found.append(self[at:])
        return [text for text in (each.stripped() for each in found) if text.chunks]

    def stripped(self, signs: str | None = None) -> Text:
        """Return it without blanks, or such signs, around it."""
        plain = self.plain
        start = len(plain) - len(plain.lstrip(signs))
        return self[start : max(start, len(plain.rstrip(signs)))]

    def used(self, use: Origin) -> Text:
        """Return it as what a variable holds."""
        alone = len(self.chunks) == 1
        return Text(
            tuple(
                chunk if chunk.made else replace(chunk, use=use, begins=index == 0, whole=alone)
                for index, chunk in enumerate(self.chunks)
            )
        )


def located(data: bytes, scalar: Scalar, start: int, end: int) -> tuple[int, int] | None:
    """Return the bytes of a file that say the characters ``[start, end)`` of a scalar's value; None: cannot be told.

    The word around them is looked for in the scalar's bytes, where it must stand as often as in its value: no style
    of YAML says a word otherwise, but for escapes.
    """
    value = scalar.value
    if "\n" in value[start:end]:
        return None
    left, right = start, end
    while left > 0 and _JOINED.match(value[left - 1]):
        left -= 1
    while right < len(value) and _JOINED.match(value[right]):
        right += 1
    word = value[left:right]
    raw = data[scalar.start : scalar.end]
    if not word:  # behind a quote, say: what stands before it on its line
        left = max(value.rfind("\n", 0, start) + 1, start - _BEFORE)
        word = value[left:start].lstrip()
        left = start - len(word)
    if not word:
        return None
    said, there = _occurrences(value, word), _occurrences(raw, word.encode())
    if len(said) != len(there):
        return None
    begin = scalar.start + there[said.index(left)]
    first = begin + len(value[left:start].encode())
    return first, first + len(value[start:end].encode())


def _occurrences(text: str | bytes, word: str | bytes) -> list[int]:
    found, at = [], text.find(word)  # type: ignore[arg-type]
    while at >= 0:
        found.append(at)
        at = text.find(word, at + 1)  # type: ignore[arg-type]
    return found
