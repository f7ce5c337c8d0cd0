"""What a lock file says is to be copied."""

from __future__ import annotations

from collections.abc import Iterable

from ..archives import ORIGIN
from ..lock import Entry
from .job import Job


def jobs(entries: Iterable[Entry]) -> list[Job]:
    """Return one job for each entry, in their order; images that were published at their target need none."""
    return [
        Job(
            each.source,
            each.place,
            each.digest,
            each.attached,
            each.manifests,
            each.size,
            each.narrowed.platforms if each.narrowed else (),
            each.narrowed.digest if each.narrowed else "",
            _archive(each.resolved.source),
        )
        for each in entries
        if not each.published
    ]


def _archive(source: str) -> str:
    return source.removeprefix(ORIGIN) if source.startswith(ORIGIN) else ""
