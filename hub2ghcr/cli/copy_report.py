"""What ``hub2ghcr copy`` shows: a bar on a terminal or plain lines while it works, then a table or JSON."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from threading import Lock
from typing import Any, Literal

import click
from rich.console import Console
from rich.filesize import decimal
from rich.progress import BarColumn, DownloadColumn, TextColumn, TransferSpeedColumn
from rich.progress import Progress as Bars
from rich.table import Table

from ..copying import Copied, Failed, Job, Left, Progress, Result

_WOULD = {"copied": "to copy", "tagged": "to tag", "present": "present"}


class _Lines:
    """One line on stderr for each image that is done."""

    def __init__(self, images: int) -> None:
        self._images = images
        self._done = 0
        self._lock = Lock()

    def expect(self, job: Job, size: int) -> None:
        """Do nothing: plain lines show no bytes."""

    def advance(self, job: Job, size: int) -> None:
        """Do nothing: plain lines show no bytes."""

    def finish(self, result: Result) -> None:
        """Print one line."""
        with self._lock:
            self._done += 1
            state = "failed" if isinstance(result, Failed) else "left" if isinstance(result, Left) else result.outcome
            click.echo(f"[{self._done}/{self._images}] {state}: {result.job.target}", err=True)


class _Bar:
    """A bar of bytes on stderr that counts the images."""

    def __init__(self, bars: Bars, images: int) -> None:
        self._bars = bars
        self._images = images
        self._done = self._size = 0
        self._task = bars.add_task(f"images 0/{images}", total=0)
        self._lock = Lock()

    def expect(self, job: Job, size: int) -> None:
        """Lengthen the bar."""
        with self._lock:
            self._size += size
            self._bars.update(self._task, total=self._size)

    def advance(self, job: Job, size: int) -> None:
        """Move the bar."""
        self._bars.advance(self._task, size)

    def finish(self, result: Result) -> None:
        """Count one image more."""
        with self._lock:
            self._done += 1
            self._bars.update(self._task, description=f"images {self._done}/{self._images}")


@contextmanager
def progress(images: int) -> Iterator[Progress]:
    """Show the work on stderr while it goes on."""
    if not sys.stderr.isatty():
        yield _Lines(images)
        return
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    with Bars(*columns, console=Console(stderr=True), transient=True) as bars:
        yield _Bar(bars, images)


def show(results: Sequence[Copied | Failed], output: Literal["table", "json"], dry_run: bool) -> None:
    """Print what was done, or with ``dry_run`` what would be, on stdout, sorted by target."""
    results = sorted(results, key=lambda each: each.job.target)
    if output == "json":
        document = {"dryRun": dry_run, "images": [_data(each) for each in results]}
        click.echo(json.dumps(document, indent=2))
        return
    table = Table("image", "digest", "state", "blobs", "sent", box=None, pad_edge=False)
    table.columns[0].overflow = "fold"
    for each in results:
        digest, target = each.job.digest.partition(":")[2][:12], each.job.target.partition("@")[0]
        if isinstance(each, Failed):
            table.add_row(target, digest, "failed", "", "")
            continue
        state = _WOULD[each.outcome] if dry_run else each.outcome
        blobs = f"{each.uploaded} sent, {each.mounted} mounted, {each.found} there" if each.manifests > 1 else ""
        table.add_row(target, digest, state, blobs, decimal(each.size) if each.size else "")
    # A pipe has no width of its own: no line is broken there.
    Console(width=None if sys.stdout.isatty() else 240).print(table)
    for moved in results:
        if isinstance(moved, Copied) and moved.replaced:
            click.echo(f"note: {moved.job.target} stood for {moved.replaced} before")


def _data(each: Copied | Failed) -> dict[str, Any]:
    data: dict[str, Any] = {"source": each.job.source, "target": each.job.target, "digest": each.job.digest}
    if isinstance(each, Failed):
        return {**data, "outcome": "failed", "error": str(each.error)}
    counts = {"manifests": each.manifests, "uploaded": each.uploaded, "mounted": each.mounted, "found": each.found}
    return {**data, "outcome": each.outcome, **counts, "bytes": each.size, "replaced": each.replaced}
