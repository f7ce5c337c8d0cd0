"""What ``hub2ghcr status`` shows: a table and what is lacking, or JSON."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from typing import Any, Final, Literal

import click

from ..status import Part, Status

SCHEMA: Final = 1
"""The version of the JSON output."""


def show(found: Sequence[Status], output: Literal["table", "json"]) -> None:
    """Print where each namespace stands, and below the table what is not as its phase says."""
    if output == "json":
        click.echo(json.dumps({"version": SCHEMA, "namespaces": [data(each) for each in found]}, indent=2))
        return
    if not found:
        click.echo("no namespaces: what a stack does on GitHub is compared by `pulumi preview`")
        return
    from rich.console import Console
    from rich.table import Table

    names = ("copied", "granted", "switched", "running")
    table = Table("namespace", "phase", *names, "guard", "still on the Hub", box=None, pad_edge=False)
    for each in found:
        hub = [f"{image}, stays" if image.partition(" (")[0] in each.staying else image for image in each.on_hub]
        parts = [str(part) for _, part in each.parts()]
        table.add_row(each.place, each.phase, *parts, each.guard, "\n".join(hub) or "-")
    # A pipe has no width of its own: no line is broken there.
    Console(width=None if sys.stdout.isatty() else 400).print(table)
    for line in (line for each in found for line in each.problems):
        click.echo(line)


def data(each: Status) -> dict[str, Any]:
    """Return it as JSON has it."""
    return {
        "cluster": each.cluster,
        "namespace": each.namespace,
        "phase": each.phase,
        **{name: _part(part) for name, part in each.parts()},
        "onHub": list(each.on_hub),
        "staying": list(each.staying),
        "guard": each.guard,
        "problems": list(each.problems),
    }


def _part(part: Part) -> dict[str, Any]:
    return {"done": part.done, "of": part.of, "lacking": list(part.lacking)}
