"""Bytes that stand somewhere in a file: a member of a tar, or a whole file of a folder."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ..errors import ArchiveError

PIECE: Final = 1 << 20
"""Bytes read at once."""


@dataclass(frozen=True, slots=True)
class Extent:
    """``size`` bytes of a file from ``offset`` on. Each reading opens the file anew, so many threads may read."""

    path: Path
    offset: int
    size: int

    def pieces(self) -> Iterator[bytes]:
        """Read in pieces.

        Raises:
            ArchiveError: the file cannot be read, or is shorter than it was.
        """
        try:
            with self.path.open("rb", buffering=0) as file:
                file.seek(self.offset)
                left = self.size
                while left:
                    piece = file.read(min(PIECE, left))
                    if not piece:
                        raise ArchiveError("became shorter while it was read", str(self.path), remedy="run it again")
                    left -= len(piece)
                    yield piece
        except OSError as error:
            raise ArchiveError(f"cannot be read: {error.strerror}", str(self.path)) from None

    def content(self, limit: int) -> bytes:
        """Read all of it.

        Raises:
            ArchiveError: there are more than ``limit`` bytes, or as `pieces`.
        """
        if self.size > limit:
            raise ArchiveError(f"larger than {limit >> 20} MiB", str(self.path))
        return b"".join(self.pieces())
