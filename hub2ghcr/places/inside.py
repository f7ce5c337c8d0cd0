"""YAML written inside a text of a file: Helm values in an Argo CD Application, a patch in a kustomization.

Line for line, a literal block (``|``) says its text with an indentation before it. So what stands on one line inside
has its own bytes in the file, and is edited there. In any other style it is reported and left.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from ..errors import ManifestError
from ..source import Node, Scalar, trees
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
    try:
        inner = list(trees(node.value.encode("utf-8", "replace"), reading.place))
    except ManifestError:
        note = "the text here is no valid YAML: its images were not looked for"
        yield reading.found(path, "", ("remark", node), note=note, why="not-an-image")
        return
    for document in inner:
        if isinstance(document, Scalar):
            continue
        for each in find(document, reading, ()):
            parts = _moved(each, node, reading.data)
            field = f"{shown(path)}: {each.field}"
            if parts is not None:
                yield replace(each, field=field, parts=parts)
            else:
                note = each.note or "written inside a text: change it by hand"
                yield replace(each, field=field, parts=(("image", node),), note=note, why=each.why or "elsewhere")


def _moved(found: Found, outer: Scalar, data: bytes) -> tuple[tuple[str, Scalar], ...] | None:
    if outer.style != "literal":
        return None
    parts: list[tuple[str, Scalar]] = []
    for role, scalar in found.parts:
        moved = moved_scalar(scalar, outer, data)
        if moved is None:
            return None
        parts.append((role, moved))
    return tuple(parts)


def moved_scalar(inner: Scalar, outer: Scalar, data: bytes) -> Scalar | None:
    """Return a scalar of a literal block's text with its place in the file; None where it has none of its own."""
    said, written = outer.value.encode("utf-8", "replace"), data[outer.start : outer.end]
    lines = written.split(b"\n")
    if b"\n" in said[inner.start : inner.end] or inner.line >= len(lines):
        return None
    begin = said.rfind(b"\n", 0, inner.start) + 1
    row = said[begin:].split(b"\n", 1)[0]
    line = lines[inner.line].rstrip(b"\r")
    indent = len(line) - len(row)
    if indent < 0 or line[indent:] != row or line[:indent].strip(b" "):
        return None
    before = sum(len(each) + 1 for each in lines[: inner.line])
    start = outer.start + before + indent + inner.start - begin
    return replace(
        inner,
        start=start,
        end=start + inner.end - inner.start,
        line=outer.line + inner.line,
        column=inner.column + indent,
    )
