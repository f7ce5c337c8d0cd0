"""What an archive holds: images by name, and content by digest."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from ..errors import ArchiveError, InvalidReference
from ..reference import DEFAULT_TAG, Reference
from .extent import Extent

MAX_JSON: Final = 32 << 20
"""Bytes of the lists of an archive, and of an image's configuration."""


@dataclass(frozen=True, slots=True)
class Held:
    """``named``: canonical reference and digest. ``extents`` and ``made``: where content stands, or what it is."""

    named: tuple[tuple[str, str], ...]
    extents: Mapping[str, Extent]
    made: Mapping[str, bytes]


def canonical(text: str) -> str | None:
    """Return the one spelling of an image's name, with ``latest`` where it has neither tag nor digest.

    None where it is no name: engines also keep images under the digest of their configuration.
    """
    try:
        found = Reference.parse(text)
    except InvalidReference:
        return None
    return (found if found.tag or found.digest else found.with_tag(DEFAULT_TAG)).canonical


def read_json(members: Mapping[str, Extent], name: str, place: str) -> Any:
    """Return the JSON in a member.

    Raises:
        ArchiveError: there is no such member, or no JSON in it.
    """
    if name not in members:
        raise lacks(place, name)
    try:
        return json.loads(members[name].content(MAX_JSON))
    except (ValueError, RecursionError):
        raise ArchiveError("not JSON", f"{place}: {name}") from None


def lacks(place: str, name: str) -> ArchiveError:
    """Return the error for a member that the archive's own lists name."""
    return ArchiveError("it lacks a file that it names", place, name, "write or fetch the archive again")
