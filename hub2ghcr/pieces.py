"""What a run reads, cut into pieces that several processes can work on at once."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from .walking import Input

SIZE: Final = 1 << 18
"""Bytes of a piece, about: a large file has several, and several small files are dealt together."""

_TURNS: Final = 4
"""Pieces of one file for each worker, at most: where a piece begins costs a pass over what is before it."""

_FILE: Final = 1 << 10
"""What opening a file costs, in bytes that could be read meanwhile."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A file, or the one of ``count`` parts of it that has this ``index``, from 0."""

    input: Input
    index: int
    count: int

    @property
    def last(self) -> bool:
        """Whether the file ends here."""
        return self.index == self.count - 1


@dataclass(frozen=True, slots=True)
class Deal:
    """All pieces in the order of the files, and for each who works on it, counted from 0."""

    pieces: tuple[Piece, ...]
    owners: tuple[int, ...]

    def of(self, owner: int) -> tuple[Piece, ...]:
        """Return the pieces of one worker."""
        return tuple(piece for piece, each in zip(self.pieces, self.owners, strict=True) if each == owner)


def deal(inputs: Sequence[Input], known: Mapping[str, bytes], cores: int) -> Deal:
    """Divide files among at most ``cores`` workers, no more than they are worth.

    Args:
        inputs: the files.
        known: the bytes of those that are read already, by path.
        cores: how many may work.
    """
    sizes = [len(known[each.path]) if each.path in known else _size(each.path) for each in inputs] if cores > 1 else []
    workers = min(cores, (sum(sizes) + len(sizes) * _FILE) // SIZE)
    if workers < 2:
        return Deal(tuple(Piece(each, 0, 1) for each in inputs), (0,) * len(inputs))
    dealt = tuple(_dealt(inputs, sizes, workers))
    return Deal(tuple(piece for piece, _ in dealt), tuple(owner for _, owner in dealt))


def _dealt(inputs: Sequence[Input], sizes: Sequence[int], workers: int) -> Iterator[tuple[Piece, int]]:
    # In turns, so that results, which are wanted in order, come evenly from all
    owner, filled = 0, 0
    for each, size in zip(inputs, sizes, strict=True):
        count = min(max(1, round(size / SIZE)), _TURNS * workers)
        for index in range(count):
            yield Piece(each, index, count), owner
            filled += size // count + _FILE
            if filled > SIZE // 2:
                owner, filled = (owner + 1) % workers, 0


def _size(path: str) -> int:
    try:
        return os.stat(path).st_size
    except OSError:
        return 0  # reading it says what is wrong
