"""A manifest file that is made to say something else, with as few of its bytes changed as it takes.

Scalars are said anew where they stand; keys and list entries are put in as lines of their own. Comments, quotes, key
order, indentation and line ends stay. What was written is read again, and must say what was wanted, or it is refused.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .. import documents
from ..errors import ManifestError
from ..source import ListNode, MapNode, Node, Scalar, apply, trees
from .inserting import Insertion, inserted

Path = tuple[str | int, ...]

_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class _Said:
    """A scalar that says another text."""

    path: Path
    value: str


def edited(data: bytes, place: str, wanted: Sequence[Any]) -> bytes:
    """Return a file whose documents say what is wanted.

    Args:
        data: the file.
        place: how errors name it.
        wanted: for each document that is not empty what it should say: as it does, but for texts that differ, keys
            that are new, and entries at the end of lists.

    Raises:
        ManifestError: it cannot be understood, or not be changed without changing something else.
    """
    said: dict[int, list[_Said]] = {}
    put_in: dict[int, list[Insertion]] = {}
    for number, (before, after) in enumerate(zip(_read(data, place), wanted, strict=True)):
        for change in _changes(before, after, ()):
            if isinstance(change, _Said):
                said.setdefault(number, []).append(change)
            else:
                put_in.setdefault(number, []).append(change)
    if not said and not put_in:
        return data
    try:
        written = inserted(_said(data, place, said), place, put_in)
        if _read(written, place) == list(wanted):
            return written
    except ManifestError:
        pass  # of our own making: the file was read above
    remedy = "an alias or a block of text may be in the way: write it out"
    raise ManifestError("cannot be changed in these places alone", place, remedy=remedy)


def _read(data: bytes, place: str) -> list[Any]:
    return documents.parse(data.removeprefix(_BOM).decode(), place)


def _changes(before: Any, after: Any, path: Path) -> Iterator[_Said | Insertion]:
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for key, value in after.items():
            if key in before:
                yield from _changes(before[key], value, (*path, key))
            else:
                yield Insertion(path, {key: value})
    elif isinstance(before, list) and isinstance(after, list):
        for index, (one, other) in enumerate(zip(before, after, strict=False)):
            yield from _changes(one, other, (*path, index))
        if len(after) > len(before):
            yield Insertion(path, after[len(before) :])
    elif before is None and isinstance(after, list):
        yield Insertion(path, after)
    elif before != after and isinstance(before, str) and isinstance(after, str):
        yield _Said(path, after)


def _said(data: bytes, place: str, wanted: Mapping[int, list[_Said]]) -> bytes:
    edits: list[tuple[Scalar, str]] = []
    if wanted:
        for number, tree in enumerate(each for each in trees(data, place) if not _empty(each)):
            for change in wanted.get(number, ()):
                node = _at(tree, change.path)
                if not isinstance(node, Scalar):
                    raise ManifestError("no text stands there", place)
                edits.append((node, change.value))
    return apply(data, edits)


def _empty(node: Node) -> bool:
    return isinstance(node, Scalar) and node.null


def _at(node: Node | None, path: Path) -> Node | None:
    for part in path:
        if isinstance(node, MapNode):
            node = node.get(str(part))
        elif isinstance(node, ListNode):
            node = node.items[int(part)]
    return node
