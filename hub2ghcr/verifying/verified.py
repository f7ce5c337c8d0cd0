"""What was proven of one image."""

from __future__ import annotations

from dataclasses import dataclass

from ..errors import Hub2GhcrError
from ..lock import Entry


@dataclass(frozen=True, slots=True)
class Verified:
    """One image: how many manifests, blobs and attached artefacts are there, and everything that is wrong with it.

    ``read`` is how many bytes of blobs were read and have their digests. ``readers`` can pull it, in words.
    """

    entry: Entry
    manifests: int = 0
    blobs: int = 0
    attached: int = 0
    read: int = 0
    readers: tuple[str, ...] = ()
    problems: tuple[Hub2GhcrError, ...] = ()
