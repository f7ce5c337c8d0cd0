"""Blobs that are checked while they pass through."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator

from ..errors import DigestMismatch
from .content import Descriptor
from .failures import Passing


def checked(pieces: Iterable[bytes], blob: Descriptor, place: str, progress: Callable[[int], None]) -> Iterator[bytes]:
    """Pass a blob on, and fail before its last piece where its bytes or length are not what the manifest says.

    ``progress`` is told the bytes that were passed on.

    Raises:
        DigestMismatch: other bytes, or more of them.
        Passing: fewer bytes.
    """
    hasher = hashlib.new(blob.digest.partition(":")[0])
    length = 0
    held = b""
    for piece in pieces:
        hasher.update(piece)
        length += len(piece)
        if length > blob.size:
            raise DigestMismatch(f"the source sends more than the {blob.size} bytes of the manifest", place)
        if held:
            yield held
            progress(len(held))
        held = piece
    if length < blob.size:
        # The source ended early without a broken connection: worth another try.
        raise Passing(DigestMismatch(f"the source sent {length} of {blob.size} bytes", place))
    if hasher.hexdigest() != blob.digest.partition(":")[2]:
        raise DigestMismatch("the source's bytes are not what the digest says", place)
    if held:
        yield held
        progress(len(held))
