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
from .found import Found

MAX_SHAPES: Final = 1 << 12
"""Shapes that are remembered."""

MAX_HEADS: Final = 1 << 14
"""Keys that are remembered, each with its indentation."""

_SIMPLE: Final = re.compile(
    rb"(?!(?i:null)\Z)[A-Za-z0-9_/.][A-Za-z0-9_./@+=-]*+(?::[A-Za-z0-9_./@+=-]++)*+|\"[A-Za-z0-9_./@+=:, -]++\""
)
_IMAGE: Final = re.compile(rb"[A-Za-z][A-Za-z0-9_.-]*[/:@][A-Za-z0-9_./:@-]+")
_IMAGE_KEY: Final = re.compile(rb"[ -]*['\"]?image\b")
_ITEM: Final = re.compile(rb"(?<=[ \[])(?!(?i:null)\b)[A-Za-z0-9_./][A-Za-z0-9_./-]*+(?=[,}\]])")
"""A plain value in brackets. What stands in quotes may look like one: there it means as little."""
_FIXED: Final = frozenset({b"apiVersion", b"kind"})

Shape = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class _Filled:
    """An image that is found in a shape: which of the kept lines says it, and the column of its value, from 0."""

    found: Found
    kept: int
    column: int


@dataclass(frozen=True, slots=True)
class Template:
    """What is found in a shape.

    ``name``: kept line and column of the object's name, None where it is the same. ``quiet``: nothing, as far as the
    text holds none of the words without which nothing looks like an image.
    """

    images: tuple[_Filled, ...]
    name: tuple[int, int] | None
    quiet: bool = False

    def filled(self, lines: list[bytes], kept: tuple[int, ...], part: Part, document: int) -> list[Found]:
        """Return what is found in a document of the shape, by its lines, its place in the file and its index."""
        name = None if self.name is None else lines[kept[self.name[0]]][self.name[1] :].decode()
        result = []
        at, done = part.begin, 0
        for image in self.images:
            known, line, column = image.found, kept[image.kept], image.column
            at += sum(map(len, lines[done:line])) + line - done
            done = line
            text = lines[line][column:].decode()
            scalar = Scalar(text, at + column, at + column + len(text), part.line + line + 1, column + 1, "plain")
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
        if not colon or not _SIMPLE.fullmatch(tail):
            return self._brackets(line) if b"{" in line or b"[" in line else line
        stands_for = head + (b': "x"' if tail.startswith(b'"') else b": x")
        try:
            key = self._heads[stands_for]
        except KeyError:
            if len(self._heads) > MAX_HEADS:
                self._heads.clear()
            said = self._lines.read(stands_for)
            key = self._heads[stands_for] = said.key if said is not None and said.value == WHOLE else None
        if key is None or key in _FIXED:
            return line
        # The text of an image may hold any word; it has to be plainly one
        counts = not _IMAGE.fullmatch(tail) if key == b"image" else self._refused and self._refused.search(tail)
        return line if counts else stands_for + b"\n"

    def _brackets(self, line: bytes) -> bytes:
        """Return what counts of a line with a collection in flow style, as `_token`."""
        stands_for = _ITEM.sub(b"x", line)
        if stands_for == line or (self._refused and self._refused.search(line)):
            return line
        said = self._lines.read(stands_for)
        return line if said is None or said.value != FLOW or said.keep is not None else stands_for + b"\n"

    def learn(self, outline: Outline, lines: list[bytes], part: Part, tree: Node, found: list[Found]) -> None:
        """Remember what was found in a document, if each of its images is plainly one of the table's."""
        places = {line: kept for kept, line in enumerate(outline.lines)}
        first = part.line + 1
        taken = [(each, scalar.line - first, scalar.column - 1) for each in found for _, scalar in each.parts]
        if {line for line in places if _IMAGE_KEY.match(lines[line])} != {line for _, line, _ in taken}:
            return
        images = tuple(_Filled(each, places[line], column) for each, line, column in taken)
        if not all(self._token(lines[line]) != lines[line] for _, line, _ in taken):
            return
        metadata = tree.get("metadata") if isinstance(tree, MapNode) else None
        name = metadata.get("name") if isinstance(metadata, MapNode) else None
        if not isinstance(name, Scalar) or (at := name.line - first) not in places:
            return
        same = self._token(lines[at]) == lines[at]
        template = Template(images, None if same else (places[at], name.column - 1))
        if template.filled(lines, outline.lines, part, found[0].document if found else 0) == found:
            self._remember(outline, template)

    def learn_nothing(self, outline: Outline) -> None:
        """Remember a shape in which nothing is found."""
        self._remember(outline, Template((), None, quiet=True))

    def _remember(self, outline: Outline, template: Template) -> None:
        if len(self.known) >= MAX_SHAPES:
            self.known.clear()
        self.known[outline.kept] = template
