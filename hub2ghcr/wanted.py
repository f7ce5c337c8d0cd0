"""The images that a stack's manifests name and its mapping moves. No lock, registry or cluster is asked."""

from __future__ import annotations

from pathlib import Path

from .errors import raise_all
from .lock import target_of
from .resolving import Wanted
from .settings import Settings
from .survey import survey


def wanted(settings: Settings, root: Path) -> tuple[Wanted, ...]:
    """Return every image to be moved, sorted by its canonical name; ``root`` is the project's folder.

    Raises:
        Problems: manifests that cannot be read, references that do not parse or map, all in one run.
    """
    found = survey(settings, root)
    raise_all(found.problems)
    return tuple(Wanted(each.source, target_of(each.target)) for each in found.mapped)
