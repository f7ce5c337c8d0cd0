"""A ``List`` taken apart: each item as a document of its own, in the bytes where it stands.

What ``kubectl get -o yaml`` writes of a large cluster is one document. Its items are at its outermost indentation, and
nothing else is but a few keys, so they can be told by their dashes; with a space for the dash each is a document.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Final

from ..errors import ManifestError
from ..source import MapNode, Scalar, trees
from ..source.pruned import Part
from .path import text_of

MAX_OUTSIDE: Final = 1 << 16
"""Bytes that may stand outside the items."""

_ITEMS: Final = re.compile(rb"^items: *(?:#.*)?\n(?= *- )", re.MULTILINE)
_KEY: Final = re.compile(rb"^[A-Za-z\"']", re.MULTILINE)
_KEYS: Final = frozenset({"apiVersion", "kind", "items", "metadata"})
_METADATA: Final = frozenset({"continue", "remainingItemCount", "resourceVersion", "selfLink"})


def items(part: Part) -> Iterator[Part] | None:
    """Return the items of a ``List`` in block style, None for any other document, or where they cannot be told so.

    An item that does not parse by itself may be no item: then the whole document has to be parsed.
    """
    text = part.text
    found = _ITEMS.search(text)
    if found is None:
        return None
    begin = found.end()
    last = _KEY.search(text, begin)
    end = last.start() if last else len(text)
    if found.start() + len(text) - end > MAX_OUTSIDE or not _is_list(text[: found.start()] + text[end:]):
        return None
    return _items(part, begin, end)


def _items(part: Part, begin: int, end: int) -> Iterator[Part]:
    text = part.text
    indent = text.index(b"-", begin) - begin
    dash = re.compile(rb"^ {%d}- " % indent, re.MULTILINE)
    line = part.line + text.count(b"\n", 0, begin)
    for start, stop in pairwise([*(each.start() for each in dash.finditer(text, begin, end)), end]):
        item = text[start:stop]
        yield Part(b" " * (indent + 1) + item[indent + 1 :], part.begin + start, line)
        line += item.count(b"\n")


def _is_list(outside: bytes) -> bool:
    try:
        found = list(trees(outside, ""))
    except ManifestError:
        return False
    if len(found) != 1 or not isinstance(found[0], MapNode) or text_of(found[0].get("kind")) != "List":
        return False
    metadata = found[0].get("metadata")
    known = metadata.items if isinstance(metadata, MapNode) else ()
    return (
        _KEYS.issuperset(key.value for key, _ in found[0].items)
        and found[0].get("items") is None
        and found[0].get("apiVersion") is not None
        and (metadata is None or isinstance(metadata, MapNode))
        and all(key.value in _METADATA and isinstance(value, Scalar) for key, value in known)
    )
