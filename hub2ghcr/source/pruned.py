"""Documents cut down to the keys that somebody asks for, without a full parse where that is safe.

Most manifests are written in a small part of YAML, which `Block` reads line by line. Any other document goes through
`trees` as a whole, and one that holds none of the asked words is not parsed at all.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from .block import Block, Keep
from .encoding import check
from .tree import Node, trees

_PRINTABLE: Final = bytes([9, 10, *range(0x20, 0x7F), *range(0x80, 0x100)])
_BREAKS: Final = re.compile(rb"\xc2[\x80-\x9f]|\xe2\x80[\xa8\xa9]|\xef\xbb\xbf|\xef\xbf[\xbe\xbf]")
"""What YAML takes as line ends, or refuses, beyond ASCII."""

_BOM: Final = b"\xef\xbb\xbf"


def pruned(data: bytes, place: str, keep: Keep) -> Iterator[tuple[int, Node]]:
    """Yield the documents that may hold one of ``keep.words``, each with its number in the file, from 0.

    A document has at least the pairs that ``keep.keys`` name, and the collections that lead to them; items of a
    sequence that hold nothing asked for may be empty mappings.

    Raises:
        ManifestError: as `trees`, for the documents that are yielded; not UTF-8.
    """
    if not keep.wanted(data):
        return
    check(data, place)
    if not _splits(data):
        yield from enumerate(trees(data, place))
        return
    block = Block(keep)
    number = line = begin = 0
    while begin < len(data):
        end = _next(data, begin)
        text = data[begin:end]
        if keep.wanted(text):
            tree = None if begin == 0 and text.startswith(_BOM) else block.read(text, begin, line)
            for each in trees(text, place, offset=begin, line=line) if tree is None else (tree,):
                yield number, each
                number += 1
        elif text.startswith(b"---") or _says(text):
            number += 1
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


def _says(text: bytes) -> bool:
    """Whether a text without a marker is a document: more than comments."""
    lines = (line.strip() for line in text.removeprefix(_BOM).split(b"\n"))
    return any(line and not line.startswith(b"#") for line in lines)
