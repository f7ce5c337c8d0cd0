"""What looks like an image of Docker Hub where nothing of a workflow is known to name one."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from .. import places
from ..errors import Hub2GhcrError, ManifestError
from ..mapping import Mapped, Mapping
from .project import File


def leftovers(file: File, seen: Collection[tuple[int, int]], mapping: Mapping) -> Iterator[Hub2GhcrError]:
    """Yield a problem for each text that would move and stands in none of the bytes that were ``seen``."""
    if file.kind in ("dependabot", "bake"):
        return
    for found in places.find(file.data, file.path):
        scalar = found.parts[0][1] if found.parts else None
        if found.why != "uncovered" or scalar is None:
            continue
        if any(start < scalar.end and scalar.start < end for start, end in seen):
            continue
        try:
            moves = isinstance(mapping.decide_text(found.text), Mapped)
        except Hub2GhcrError:
            moves = True
        if moves:
            what = "looks like an image of Docker Hub, in a place that nothing is known of"
            where = f"{file.path}:{scalar.line}:{scalar.column}"
            yield ManifestError(what, where, found.text, "change it by hand")
