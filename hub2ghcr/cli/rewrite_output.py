"""What ``hub2ghcr rewrite`` does with its results: a stream, a diff, a list of files, the files themselves."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from typing import Final

import click

from .. import files
from ..diff import unified
from ..errors import Hub2GhcrError, ManifestError
from ..running import Run

_STREAMABLE: Final = (".yaml", ".yml", ".json")
_BOM: Final = b"\xef\xbb\xbf"


def stream(run: Run) -> int:
    """Write every file on standard output: one byte for byte, several as one stream of YAML documents.

    What cannot be part of one (a Dockerfile) is a problem if it changes, and left out if it does not.
    """
    several = len(run.inputs) > 1
    changed = 0
    last = b""
    for each in run.results(unchanged=True):
        data = each.data
        if several:
            if each.input.path != "-" and not each.input.place.lower().endswith(_STREAMABLE):
                if each.changes:
                    remedy = "use --diff, --check or --in-place, or name it alone"
                    run.failed(ManifestError("no part of a stream of YAML documents", each.input.place, remedy=remedy))
                continue
            data = _separator(last, data) + data.removeprefix(_BOM)
        sys.stdout.buffer.write(data)
        last = data or last
        changed += bool(each.changes)
    sys.stdout.buffer.flush()
    return changed


def diff(run: Run) -> int:
    """Write the difference of each file that would change."""
    changed = 0
    for each in run.results():
        try:
            before = run.before(each)
        except Hub2GhcrError as error:
            run.failed(error)
            continue
        sys.stdout.buffer.write(unified(before, each.data, each.input.place))
        changed += 1
    sys.stdout.buffer.flush()
    return changed


def check(run: Run) -> int:
    """Name each file that would change."""
    changed = 0
    for each in run.results():
        click.echo(f"would change: {each.input.place} ({_images(each.changes)})")
        changed += 1
    return changed


def in_place(run: Run) -> int:
    """Replace each file that changes."""
    changed = 0
    for each in run.results():
        try:
            files.replace(each.input.path, each.data, each.input.place)
        except Hub2GhcrError as error:
            run.failed(error)
            continue
        click.echo(f"changed: {each.input.place} ({_images(each.changes)})")
        changed += 1
    return changed


WRITERS: Final[Mapping[str, Callable[[Run], int]]] = {
    "stream": stream,
    "diff": diff,
    "check": check,
    "in-place": in_place,
}
"""By the command's mode; each returns how many files change."""


def _separator(last: bytes, data: bytes) -> bytes:
    if not last:
        return b""
    end = b"" if last.endswith(b"\n") else b"\n"
    body = data.removeprefix(_BOM)
    if body.startswith(b"%"):
        return end + b"...\n"  # directives stand at the beginning of a document alone
    return end if body.startswith(b"---") else end + b"---\n"


def _images(count: int) -> str:
    return "1 image" if count == 1 else f"{count} images"
