"""What a lock file says is to be copied."""

from __future__ import annotations

from collections.abc import Iterable

from ..archives import ORIGIN
from ..lock import Entry
from .job import Job


def jobs(entries: Iterable[Entry]) -> list[Job]:
    """Return one job for each entry, in their order; images that were published at their target need none."""
    return [job(each) for each in entries if not each.published]


def job(entry: Entry) -> Job:
    """Return the job of one entry; that of an image that was published at its target has no source."""
    return Job(
        entry.source,
        entry.place,
        entry.digest,
        entry.attached,
        entry.manifests,
        entry.size,
        entry.narrowed.platforms if entry.narrowed else (),
        entry.narrowed.digest if entry.narrowed else "",
        _archive(entry.resolved.source),
    )


def _archive(source: str) -> str:
    return source.removeprefix(ORIGIN) if source.startswith(ORIGIN) else ""
