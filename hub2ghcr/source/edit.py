"""Edits of a file's scalars. Every byte outside them stays."""

from __future__ import annotations

from collections.abc import Iterable
from io import BytesIO

from ..errors import ManifestError
from .scalar import Scalar


def apply(data: bytes, edits: Iterable[tuple[Scalar, str]], span: tuple[int, int] | None = None) -> bytes:
    """Return the file, or a span of it, with each scalar saying its new value, in its own quoting style.

    A scalar that several aliases share may be named as often as they do, with one and the same value.

    Args:
        data: the file's bytes, of which the scalars were read.
        edits: scalar and new value, in any order.
        span: the bytes that are returned, in which all edits are (default: the whole file).

    Raises:
        ManifestError: one scalar with two values, scalars that overlap, or a value that a place cannot hold. The
            path of the error is ``line:column``.
    """
    begin, end = span or (0, len(data))
    whole, written, done = memoryview(data), BytesIO(), begin
    last: tuple[Scalar, str] | None = None
    for scalar, value in sorted(edits, key=lambda edit: edit[0].start):
        if last is not None and (scalar.start, scalar.end) == (last[0].start, last[0].end):
            if last[1] != value:
                where, values = f"{scalar.line}:{scalar.column}", f"{last[1]} and {value}"
                raise ManifestError(
                    "an alias shares it, and two values are wanted", where, values, "write the alias out"
                )
            continue
        if scalar.start < done or scalar.end < scalar.start or scalar.end > end:
            raise ManifestError("edits overlap", f"{scalar.line}:{scalar.column}", value)
        written.write(whole[done : scalar.start])
        written.write(scalar.said(value, data[scalar.start : scalar.end]))
        last, done = (scalar, value), scalar.end
    if last is None:
        return data[begin:end]
    written.write(whole[done:end])
    return written.getvalue()
