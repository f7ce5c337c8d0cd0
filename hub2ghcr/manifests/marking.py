"""Which images of a file Flux writes: its comments say so, and documents in memory have none."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from .. import places
from ..places import Places
from .document import Document

MARKER: Final = b'"$imagepolicy"'


def marked(documents: Iterable[Document], data: bytes, place: str, extra: Places | None) -> tuple[Document, ...]:
    """Return the documents of a file, each with the images in it that an updater writes: a text has one fate in each.

    Args:
        documents: as they were read from ``data``.
        data: the file.
        place: its name.
        extra: rows that settings declare.
    """
    if MARKER not in data:
        return tuple(documents)
    written: dict[tuple[str, str], dict[str, str]] = {}
    for found in places.find(data, place, extra):
        if found.updater:
            written.setdefault((found.kind, found.name), {})[found.text] = found.updater
    return tuple(replace(each, updaters=written.get((each.kind, each.name), {})) for each in documents)
