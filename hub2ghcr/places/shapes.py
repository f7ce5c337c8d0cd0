"""Workloads of one shape: the same lines, but for the values of some keys.

What is found in a document depends on its lines, and of most of them only on the key. So documents that differ in
nothing but simple values (names, labels, ports, images) hold the same images in the same lines, and only the first of
them is read. The text of an image counts where it could be anything else than a plain reference; so do apiVersion,
kind, and every value that is not simple.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from ..source import MapNode, Node, Scalar
from ..source.line import WHOLE, Lines
from ..source.pruned import Part
from .found import Found

MAX_SHAPES: Final = 1 << 10
"""Shapes that are remembered."""

MAX_TOKENS: Final = 1 << 14
"""Different lines that are remembered."""

_SIMPLE: Final = re.compile(
    rb"(?!(?i:null)\Z)[A-Za-z0-9_/.][A-Za-z0-9_./@+=-]*+(?::[A-Za-z0-9_./@+=-]++)*+|\"[A-Za-z0-9_./@+=:, -]++\""
)
_FIXED: Final = re.compile(rb"[ -]*(?:apiVersion|kind)")
_IMAGE: Final = re.compile(rb"[ -]*image: [A-Za-z][A-Za-z0-9_.-]*[/:@][A-Za-z0-9_./:@-]+")
_IMAGE_KEY: Final = re.compile(rb"[ -]*['\"]?image\b")

Shape = tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class _Filled:
    """An image that is found in a shape: the line and the column of its value, from 0."""

    found: Found
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Template:
    """What is found in a shape; ``name`` is the line and column of the object's name, None where it is the same."""

    images: tuple[_Filled, ...]
    name: tuple[int, int] | None

    def filled(self, lines: list[bytes], part: Part, document: int) -> list[Found]:
        """Return what is found in a document of the shape, by its lines, its place in the file and its index."""
        name = None if self.name is None else lines[self.name[0]][self.name[1] :].decode()
        result = []
        at, done = part.begin, 0
        for image in self.images:
            known, line, column = image.found, image.line, image.column
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

    def __init__(self, lines: Lines, refused: re.Pattern[bytes]) -> None:
        self._lines = lines
        self._refused = refused
        self._tokens: dict[bytes, bytes | None] = {b"---": b"---"}
        self._heads: dict[bytes, bytes | None] = {}
        self.known: dict[Shape, Template] = {}

    def of(self, lines: list[bytes]) -> Shape | None:
        """Return the shape of a document, None for lines that say something only together with others."""
        tokens = self._tokens
        shape = tuple(map(tokens.get, lines))
        if None in shape:
            if len(tokens) > MAX_TOKENS:
                tokens.clear()
                tokens[b"---"] = b"---"
            for line in lines:
                if line not in tokens:
                    tokens[line] = self._token(line)
            shape = tuple(map(tokens.get, lines))
            if None in shape:
                return None
        return shape  # type: ignore[return-value]

    def _token(self, line: bytes) -> bytes | None:
        """Return what of a line counts, None when it cannot be read on its own."""
        head, colon, tail = line.partition(b": ")
        # The text of an image may hold any word; it has to be plainly one.
        counts = _IMAGE.fullmatch(line) is None if _IMAGE_KEY.match(head) else self._refused.search(tail) is not None
        if colon and not counts and _SIMPLE.fullmatch(tail):
            quote = tail[:1] if tail.startswith(b'"') else b""
            stands_for = head + b": " + (quote or b"x")
            try:
                token = self._heads[stands_for]
            except KeyError:
                token = self._head(head, stands_for + (b'x"' if quote else b""))
                if len(self._heads) > MAX_TOKENS:
                    self._heads.clear()
                self._heads[stands_for] = token
            if token is not None:
                return token
        return line if self._lines.read(line) is not None else None

    def _head(self, head: bytes, line: bytes) -> bytes | None:
        """Return the token of every line with this key and a value like this line's, None if its value counts."""
        said = self._lines.read(line)
        # No line holds LF, so no token of a value that does not count is that of one that does
        return None if said is None or said.value != WHOLE or _FIXED.match(head) else line + b"\n"

    def learn(self, shape: Shape, lines: list[bytes], part: Part, tree: Node, found: list[Found]) -> None:
        """Remember what was found in a document, if each of its images is plainly one of the table's."""
        first = part.line + 1
        taken = {scalar.line - first for each in found for _, scalar in each.parts}
        if not taken or any(_IMAGE_KEY.match(line) for at, line in enumerate(lines) if at not in taken):
            return
        if any(lines[at] == shape[at] or not _IMAGE.fullmatch(lines[at]) for at in taken):
            return
        images = tuple(
            _Filled(each, scalar.line - first, scalar.column - 1) for each in found for _, scalar in each.parts
        )
        metadata = tree.get("metadata") if isinstance(tree, MapNode) else None
        name = metadata.get("name") if isinstance(metadata, MapNode) else None
        if not isinstance(name, Scalar):
            return
        at = name.line - first
        template = Template(images, (at, name.column - 1) if lines[at] != shape[at] else None)
        if template.filled(lines, part, found[0].document) == found:
            if len(self.known) >= MAX_SHAPES:
                self.known.clear()
            self.known[shape] = template
