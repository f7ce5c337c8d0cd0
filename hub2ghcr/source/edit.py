"""Edits of a file's scalars. Every byte outside them stays."""

from __future__ import annotations

from collections.abc import Iterable

from ..errors import ManifestError
from .scalar import Scalar


def apply(data: bytes, edits: Iterable[tuple[Scalar, str]]) -> bytes:
    """Return the file with each scalar saying its new value, in its own quoting style.

    A scalar that several aliases share may be named as often as they do, with one and the same value.

    Args:
        data: the file's bytes, of which the scalars were read.
        edits: scalar and new value, in any order.

    Raises:
        ManifestError: one scalar with two values, scalars that overlap, or a value that a place cannot hold. The
            path of the error is ``line:column``.
    """
    wanted: dict[tuple[int, int], tuple[Scalar, str]] = {}
    for scalar, value in edits:
        known = wanted.setdefault((scalar.start, scalar.end), (scalar, value))
        if known[1] != value:
            where, values = f"{scalar.line}:{scalar.column}", f"{known[1]} and {value}"
            raise ManifestError("an alias shares it, and two values are wanted", where, values, "write the alias out")
    if not wanted:
        return data
    pieces: list[bytes | memoryview] = []
    whole, done = memoryview(data), 0
    for (start, end), (scalar, value) in sorted(wanted.items(), key=lambda item: item[0]):
        if start < done or end < start or end > len(data):
            raise ManifestError("edits overlap", f"{scalar.line}:{scalar.column}", value)
        pieces += (whole[done:start], scalar.said(value, data[start:end]))
        done = end
    pieces.append(whole[done:])
    return b"".join(pieces)
