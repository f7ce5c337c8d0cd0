"""What ``hub2ghcr verify`` shows: a table or JSON."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from typing import Any, Final, Literal

import click

from ..amounts import size_of
from ..verifying import Verified

SCHEMA: Final = 1
"""The version of the JSON output."""


def show(results: Sequence[Verified], output: Literal["table", "json"], deep: bool) -> None:
    """Print what was proven on stdout, sorted by target."""
    results = sorted(results, key=lambda each: each.entry.place)
    if output == "json":
        click.echo(json.dumps({"version": SCHEMA, "deep": deep, "images": [_data(each) for each in results]}, indent=2))
        return
    from rich.console import Console
    from rich.table import Table

    table = Table("image", "digest", "platforms", "manifests", "blobs", "attached", "pulled by", "state",
                  box=None, pad_edge=False)  # fmt: skip
    table.columns[0].overflow = "fold"
    for each in results:
        blobs = f"{each.blobs}, {size_of(each.read)} read" if deep else str(each.blobs)
        table.add_row(
            each.entry.target,
            each.entry.target_digest.partition(":")[2][:12],
            ", ".join(each.entry.target_platforms) or "-",
            str(each.manifests),
            blobs,
            f"{each.attached} of {len(each.entry.attached)}" if each.entry.attached else "-",
            "\n".join(each.readers) or "-",
            f"{len(each.problems)} problems" if each.problems else "sound",
        )
    # A pipe has no width of its own: no line is broken there.
    Console(width=None if sys.stdout.isatty() else 400).print(table)


def _data(each: Verified) -> dict[str, Any]:
    return {
        "source": each.entry.source or None,
        "target": each.entry.target,
        "digest": each.entry.target_digest,
        "platforms": list(each.entry.target_platforms),
        "manifests": each.manifests,
        "blobs": each.blobs,
        "attached": each.attached,
        "bytesRead": each.read,
        "pulledBy": list(each.readers),
        "problems": [line for problem in each.problems for line in problem.lines],
    }
