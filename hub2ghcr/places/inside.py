"""YAML written inside a text of a file (values in an Argo CD Application, a patch in a kustomization), or a Dockerfile.

Line for line, a literal block (``|``) says its text with an indentation before it. So what stands on one line inside
has its own bytes in the file, and is edited there. So it is where a text stands for itself (`hub2ghcr.places.memory`).
In any other style it is reported and left.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from itertools import accumulate
from typing import TYPE_CHECKING, Final

from ..errors import ManifestError
from ..source import Node, Scalar, trees
from . import dockerfile as dockerfiles
from .found import Found
from .path import Path, shown

if TYPE_CHECKING:
    from .objects import Reading

TYPED: Final = re.compile(
    r"[-+]?(?:0x[0-9a-fA-F_]+|0o?[0-7_]+|0b[01_]+|[0-9][0-9_]*)"
    r"|[-+]?(?:[0-9][0-9_]*\.[0-9_]*|\.[0-9_]+|[0-9]+(?=[eE]))(?:[eE][-+]?[0-9]+)?"
    r"|(?i:true|false|yes|no|on|off)"
)
"""Plain scalars that Kubernetes reads as numbers or truth values."""

Finder = Callable[[Node, "Reading", Path], Iterator[Found]]


def either(node: Node, reading: Reading, path: Path, find: Finder) -> Iterator[Found]:
    """Yield what ``find`` finds below a node, or in the YAML that the node's text holds."""
    if not isinstance(node, Scalar):
        yield from find(node, reading, path)
        return
    if node.null:
        return
    said = node.value.encode("utf-8", "replace")
    try:
        inner = list(trees(said, reading.place))
    except ManifestError:
        note = "the text here is no valid YAML: its images were not looked for"
        yield reading.found(path, "", ("remark", node), note=note, why="not-an-image")
        return
    within = replace(reading, data=said)
    found = [each for document in inner if not isinstance(document, Scalar) for each in find(document, within, ())]
    yield from _moved(found, node, reading, path)


def dockerfile(node: Scalar, reading: Reading, path: Path) -> Iterator[Found]:
    """Yield the images of the Dockerfile that a text holds."""
    said = node.value.encode("utf-8", "replace")
    found = dockerfiles.images(said, reading.place)
    held = [replace(each, document=reading.document, kind=reading.kind, name=reading.name) for each in found]
    yield from _moved(held, node, reading, path)


def _moved(found: Iterable[Found], node: Scalar, reading: Reading, path: Path) -> Iterator[Found]:
    """Yield what was found in a node's text, with its place in the file."""
    block = Block(node, reading.data)
    for each in found:
        parts = block.parts(each)
        field = f"{shown(path)}: {each.field}"
        if parts is not None:
            yield replace(each, field=field, parts=parts)
        else:
            note = each.note or "written inside a text: change it by hand"
            yield replace(each, field=field, parts=(("image", node),), note=note, why=each.why or "elsewhere")


class Block:
    """The lines of a text, once as it says them and once as its bytes in the file."""

    def __init__(self, outer: Scalar, data: bytes) -> None:
        self.outer = outer
        self.said = outer.value.encode("utf-8", "replace")
        self.rows = self.said.split(b"\n")
        first, lines = outer.start, data[outer.start : outer.end].split(b"\n")
        if outer.style == "raw":  # it stands for itself, without the header of a block
            first, lines = first - 1, [b"", *lines]
        self.lines = lines if outer.style in ("literal", "raw") else []
        self.begins = list(accumulate((len(line) + 1 for line in self.lines), initial=first))

    def moved(self, inner: Scalar) -> Scalar | None:
        """Return a scalar of the text with its place in the file; None where it has none of its own."""
        if inner.line >= len(self.lines) or b"\n" in self.said[inner.start : inner.end]:
            return None
        row, line = self.rows[inner.line - 1].rstrip(b"\r"), self.lines[inner.line].rstrip(b"\r")
        indent = len(line) - len(row)
        if indent < 0 or line[indent:] != row or line[:indent].strip(b" "):
            return None
        start = self.begins[inner.line] + indent + inner.start - self.said.rfind(b"\n", 0, inner.start) - 1
        return replace(
            inner,
            start=start,
            end=start + inner.end - inner.start,
            line=self.outer.line + inner.line,
            column=inner.column + indent,
        )

    def parts(self, found: Found) -> tuple[tuple[str, Scalar], ...] | None:
        """Return the parts of an image that was found in the text, as they stand in the file."""
        moved = [(role, self.moved(scalar)) for role, scalar in found.parts]
        parts = tuple((role, scalar) for role, scalar in moved if scalar is not None)
        return parts if len(parts) == len(moved) else None
