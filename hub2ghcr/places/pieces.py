"""A piece of a text, with bytes of its own in the file: several images may stand in one text."""

from __future__ import annotations

from ..source import Scalar
from .inside import Block


def piece(outer: Scalar, start: int, text: str, data: bytes) -> Scalar | None:
    """Return a piece of a scalar's text as a scalar of its own.

    Args:
        outer: the whole.
        start: where the piece begins, in characters of the text.
        text: the piece, one word.
        data: the file.

    Returns:
        None where the file says the text in other bytes: escaped, or folded over lines.
    """
    before = outer.value[:start]
    offset, size = len(before.encode("utf-8", "replace")), len(text.encode())
    if outer.style in ("literal", "folded"):
        line, column = before.count("\n") + 1, start - before.rfind("\n")
        inner = Scalar(text, offset, offset + size, line, column, "raw")
        return Block(outer, data).moved(inner) if outer.style == "literal" else None
    quote = 1 if outer.style in ("single", "double") else 0
    if data[outer.start + quote : outer.end - quote] != outer.value.encode("utf-8", "replace"):
        return None
    at = outer.start + quote + offset
    return Scalar(text, at, at + size, outer.line, outer.column + quote + start, "raw")
