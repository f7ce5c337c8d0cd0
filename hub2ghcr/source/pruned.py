"""Documents cut down to the keys that somebody asks for, without a full parse where that is safe.

Most manifests are written in a small part of YAML, which `Block` reads line by line and checks: what it takes is valid
YAML and means what `trees` would read. Any other document goes through `trees`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from ..errors import ManifestError
from .block import Block, Keep
from .encoding import check
from .tree import Node, trees

_PRINTABLE: Final = bytes([9, 10, *range(0x20, 0x7F), *range(0x80, 0x100)])
_BREAKS: Final = re.compile(rb"\xc2[\x80-\x9f]|\xe2\x80[\xa8\xa9]|\xef\xbb\xbf|\xef\xbf[\xbe\xbf]")
"""What YAML takes as line ends, or refuses, beyond ASCII."""

_BOM: Final = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Part:
    """One document of a file: its bytes, the byte at which they begin, and the lines of the file before them."""

    text: bytes
    begin: int
    line: int


def parts(data: bytes, place: str, span: tuple[int, int] | None = None) -> Iterator[Part] | None:
    """Return the documents of a file one by one, None where only a parser can tell them apart.

    A part that is more than comments holds exactly one document.

    Args:
        data: the file.
        place: how errors name it.
        span: one of several `spans`, to return its documents alone.

    Raises:
        ManifestError: not UTF-8.
    """
    if span is not None and span != (0, len(data)):
        return _parts(data, *span)
    check(data, place)
    return _parts(data, 0, len(data)) if _splits(data) else None


def spans(data: bytes, count: int) -> tuple[tuple[int, int], ...]:
    """Return up to ``count`` spans of bytes, about alike, whose documents can be read apart: all documents together.

    It is one span where only a parser can tell documents apart, and where the file is not UTF-8.
    """
    whole_ = ((0, len(data)),)
    if count < 2 or not _splits(data):
        return whole_
    try:
        check(data, "")
    except ManifestError:
        return whole_
    cuts = sorted({0, *(_next(data, len(data) * each // count) for each in range(1, count)), len(data)})
    return tuple(pairwise(cuts))


def pruned(
    data: bytes, place: str, keep: Keep, enough: Callable[[Node, bytes], bool | None]
) -> Iterator[tuple[int, Node]]:
    """Yield the documents of a file, each with its number, from 0.

    A document that is cut down has at least the pairs that ``keep.keys`` name, and the collections that lead to them;
    items of a sequence that hold nothing asked for may be empty mappings.

    Args:
        data: the file.
        place: how errors name it.
        keep: what is asked for.
        enough: tells of a document that is cut down, by its tree and its text, whether that is enough. If not, it is
            parsed whole. None passes it over, and only counts it.

    Raises:
        ManifestError: as `trees`.
    """
    separate = parts(data, place)
    if separate is None:
        yield from enumerate(trees(data, place))
        return
    block = Block(keep)
    number = 0
    for part in separate:
        tree = block.read(part.text, part.begin, part.line)
        use = tree is not None and enough(tree, part.text)
        if use is None:
            number += 1
            continue
        for each in (tree,) if tree is not None and use else whole(part, place):
            yield number, each
            number += 1


def whole(part: Part, place: str) -> Iterator[Node]:
    """Parse a part as it is: yields one document, or none for comments.

    Raises:
        ManifestError: as `trees`.
    """
    return trees(part.text, place, offset=part.begin, line=part.line)


def _parts(data: bytes, begin: int, limit: int) -> Iterator[Part]:
    line = data.count(b"\n", 0, begin)
    while begin < limit:
        end = _next(data, begin)
        text = data[begin:end]
        yield Part(text, begin, line)
        line += text.count(b"\n")
        begin = end


def _splits(data: bytes) -> bool:
    """Whether ``---`` in a first column begins a document and nothing else ends one, and only LF ends a line."""
    if data.translate(None, _PRINTABLE) or b"\n%" in data or b"\n..." in data or data.startswith((b"%", b"...")):
        return False
    return data.isascii() or not _BREAKS.search(data, len(_BOM) if data.startswith(_BOM) else 0)


def _next(data: bytes, begin: int) -> int:
    """Return where the document after the one at ``begin`` starts."""
    at = begin
    while (at := data.find(b"\n---", at)) >= 0:
        at += 1
        if data[at + 3 : at + 4] in (b"", b" ", b"\n", b"\t"):
            return at
    return len(data)
