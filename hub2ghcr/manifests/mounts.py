"""The Secrets that a document's builds push with, as volumes of theirs."""

from __future__ import annotations

from dataclasses import dataclass

from ..places.path import Path
from .document import Document


@dataclass(frozen=True, slots=True)
class Mount:
    """A Secret that a build pushes with, which another Secret can stand in for.

    Attributes:
        volume: the name of its volume.
        path: keys and indexes of the value that names it.
        secret: its name.
        key: which of its keys the build reads as ``config.json``.
        pushed: all that the build pushes.
        told: what is said of it as long as it stays.
    """

    volume: str
    path: Path
    secret: str
    key: str
    pushed: tuple[str, ...]
    told: str


def mounts(document: Document) -> tuple[Mount, ...]:
    """Return the Secrets that builds of a document push with; none of a volume that is mounted for anything else."""
    memory = document.memory
    return tuple(
        Mount(
            each.volume,
            memory.path(each.secret),
            each.secret.value,
            each.key,
            each.pushed,
            f"{document.place}: {each.remark.field}: {each.remark.note}",
        )
        for each in memory.mounted
    )
