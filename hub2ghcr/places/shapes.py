"""Documents of one shape: the same kept lines in the same places, but for the values of some keys.

What is found in a document depends on the lines that `KEEP` keeps, and of most of them only on the key. So documents
that differ in nothing but other lines and simple values (names, images) hold the same images in the same kept lines,
and only the first of them is read. The text of an image counts where it could be anything else than a plain reference;
so do apiVersion, kind, and every value that is not simple.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from ..source import MapNode, Node, Scalar
from ..source.automaton import Automaton, Outline
from ..source.block import Keep
from ..source.line import FLOW, WHOLE
from ..source.pruned import Part
from ..source.scalar import Style
from .found import Found

MAX_SHAPES: Final = 1 << 12
"""Shapes that are remembered."""

MAX_HEADS: Final = 1 << 14
"""Keys that are remembered, each with its indentation."""

_WORDS: Final = rb"[A-Za-z0-9_./@+=:, -]++"
_SIMPLE: Final = re.compile(
    rb"(?!(?i:null)\b)(?P<value>[A-Za-z0-9_/.][A-Za-z0-9_./@+=-]*+(?::[A-Za-z0-9_./@+=-]++)*+"
    rb"|'" + _WORDS + rb"'|\"" + _WORDS + rb"\")(?: ++#.*+)?+"
)
"""A value that means what it says, and a comment."""
_IMAGE: Final = re.compile(rb"[A-Za-z][A-Za-z0-9_.-]*[/:@][A-Za-z0-9_./:@-]+")
_IMAGE_KEY: Final = re.compile(rb"[ -]*['\"]?image\b")
_ITEM: Final = re.compile(
    rb"(?<=[ \[])(?:(['\"])" + _WORDS + rb"\1|(?!(?i:null)\b)[A-Za-z0-9_./][A-Za-z0-9_./-]*+)(?=[,}\]])"
)
"""A value in brackets. What stands in quotes may look like one, and means as little there; what stands between two
texts in quotes may, too, and with another value in its place, these are no texts side by side any more."""
_FIXED: Final = frozenset({b"apiVersion", b"kind"})

Shape = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class _Blank:
    """Where a shape's documents differ: a kept line, counted from 0, the column of its value, and the value's style."""

    kept: int
    column: int
    style: Style

    def value(self, line: bytes) -> str:
        """Return what stands there in a line."""
        said = line[self.column :]
        if self.style == "plain":
            return said.partition(b" ")[0].decode()
        return said[1 : said.index(said[:1], 1)].decode()


@dataclass(frozen=True, slots=True)
class Template:
    """What is found in a shape, each image with its blank.

    ``name``: the blank of the object's name, None where it is the same. ``quiet``: nothing, as far as the text holds
    none of the words without which nothing looks like an image.
    """

    images: tuple[tuple[Found, _Blank], ...]
    name: _Blank | None
    quiet: bool = False

    def filled(self, lines: list[bytes], kept: tuple[int, ...], part: Part, document: int) -> list[Found]:
        """Return what is found in a document of the shape, by its lines, its place in the file and its index."""
        name = None if self.name is None else self.name.value(lines[kept[self.name.kept]])
        result = []
        at, done = part.begin, 0
        for known, blank in self.images:
            line, column = kept[blank.kept], blank.column
            at += sum(map(len, lines[done:line])) + line - done
            done = line
            text = blank.value(lines[line])
            begin = at + column
            end = begin + len(text) + (0 if blank.style == "plain" else 2)
            scalar = Scalar(text, begin, end, part.line + line + 1, column + 1, blank.style)
            result.append(
                Found(
                    document, known.kind, known.name if name is None else name, known.field, text, (("image", scalar),)
                )
            )
        return result


class Shapes:
    """The shapes of documents that were read."""

    def __init__(self, keep: Keep) -> None:
        self._lines, self._refused = keep.lines, keep.refused
        self._heads: dict[bytes, bytes | None] = {}
        self._automaton = Automaton(keep, self._token)
        self.known: dict[Shape, Template] = {}

    def outline(self, lines: list[bytes]) -> Outline | None:
        """Return what counts of a document, None when it is to be read in another way."""
        return self._automaton.read(lines)

    def _token(self, line: bytes) -> bytes:
        """Return what of a line counts: the line itself, or its key and some value with a LF, which no line holds."""
        head, colon, tail = line.partition(b": ")
        said = _SIMPLE.fullmatch(tail) if colon else None
        if said is None:
            return self._brackets(line) if b"{" in line or b"[" in line else line
        value = said["value"]
        quote = value[:1] if value[:1] in (b"'", b'"') else b""
        stands_for = head + b": " + quote + b"x" + quote
        try:
            key = self._heads[stands_for]
        except KeyError:
            if len(self._heads) > MAX_HEADS:
                self._heads.clear()
            known = self._lines.read(stands_for)
            key = self._heads[stands_for] = known.key if known is not None and known.value == WHOLE else None
        if key is None or key in _FIXED:
            return line
        # The text of an image may hold any word; it has to be plainly one
        if (
            not _IMAGE.fullmatch(value.strip(quote))
            if key == b"image"
            else self._refused and self._refused.search(tail)
        ):
            return line
        return stands_for + b"\n"

    def _brackets(self, line: bytes) -> bytes:
        """Return what counts of a line with a collection in flow style, as `_token`."""
        stands_for = _ITEM.sub(rb"\1x\1", line)
        if stands_for == line or (self._refused and self._refused.search(line)):
            return line
        said = self._lines.read(stands_for)
        return line if said is None or said.value != FLOW or said.keep is not None else stands_for + b"\n"

    def learn(self, outline: Outline, lines: list[bytes], part: Part, tree: Node, found: list[Found]) -> None:
        """Remember what was found in a document, if each of its images is plainly one of the table's."""
        places = {line: kept for kept, line in enumerate(outline.lines)}
        first = part.line + 1
        taken = {scalar.line - first for each in found for _, scalar in each.parts}
        if {line for line in places if _IMAGE_KEY.match(lines[line])} != taken:
            return
        if any(self._token(lines[line]) == lines[line] for line in taken):
            return
        metadata = tree.get("metadata") if isinstance(tree, MapNode) else None
        name = metadata.get("name") if isinstance(metadata, MapNode) else None
        if not isinstance(name, Scalar) or (at := name.line - first) not in places:
            return

        def blank(scalar: Scalar) -> _Blank:
            return _Blank(places[scalar.line - first], scalar.column - 1, scalar.style)

        images = tuple((each, blank(scalar)) for each in found for _, scalar in each.parts)
        template = Template(images, None if self._token(lines[at]) == lines[at] else blank(name))
        if template.filled(lines, outline.lines, part, found[0].document if found else 0) == found:
            self._remember(outline, template)

    def learn_nothing(self, outline: Outline) -> None:
        """Remember a shape in which nothing is found."""
        self._remember(outline, Template((), None, quiet=True))

    def _remember(self, outline: Outline, template: Template) -> None:
        if len(self.known) >= MAX_SHAPES:
            self.known.clear()
        self.known[outline.kept] = template
