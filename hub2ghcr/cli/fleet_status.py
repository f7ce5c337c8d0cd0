"""``hub2ghcr fleet status``: where each cluster stands."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

import click

from .fleet_options import narrow

if TYPE_CHECKING:
    from ..fleet.history import FleetRun
    from ..fleet.overview import Overview

SCHEMA: Final = 1
"""The version of the JSON output."""


@click.command("status")
@narrow
@click.option("--no-engine", is_flag=True, help="Do not ask the engine which phase is applied: ledger and files alone.")
@click.option("--output", type=click.Choice(["table", "json"]), default="table", show_default=True)
def command(waves: tuple[str, ...], globs: tuple[str, ...], no_engine: bool, output: Literal["table", "json"]) -> None:
    """Show where each cluster stands: what the last run did with it, its stack file's phase, the one that is applied.

    The ledger tells of runs of this machine. Nothing is written, and a run that is on is not disturbed.

    Exit codes: 0 done; 1 problems of the fleet's file, or a ledger that cannot be read.

    \b
    Example:
      hub2ghcr fleet status --no-engine
    """  # noqa: D301 click reads this character
    from ..fleet.narrowing import narrowed
    from ..fleet.overview import applied, overview
    from ..fleet.reading import load
    from ..fleet.remembered import history
    from .counting import Counting

    root = Path.cwd()
    fleet, told = load(root), history(root)
    meant = fleet.only(narrowed(fleet, waves, globs))
    with Counting("asking engines") as counting:
        found = overview(meant, root, told, counting, applied=None if no_engine else applied)
    if output == "json":
        run = _run(told.last) if told.last else None
        click.echo(json.dumps({"version": SCHEMA, "run": run, "clusters": [_data(each) for each in found]}, indent=2))
        return
    _show(told.last, found)


def _show(run: FleetRun | None, found: Sequence[Overview]) -> None:
    from rich.console import Console
    from rich.table import Table

    if run:
        ending = run.ending or "not ended"
        phase = f" {run.phase}" if run.phase else ""
        commit = f" at {run.commit[:12]}{' and changes' if run.dirty else ''}" if run.commit else ""
        click.echo(f"last run: {run.command}{phase}, begun {run.begun:%Y-%m-%d %H:%M:%S} UTC{commit}: {ending}\n")
    table = Table("wave", "cluster", "stack", "file", "applied", "last run", "took", box=None, pad_edge=False)
    for each in found:
        last = each.standing.last if each.standing else None
        took = f"{last.seconds:.0f} s" if last and last.ended else "-"
        state = each.standing.state if each.standing else "-"
        table.add_row(each.wave, each.cluster, each.stack, each.phase or "?", each.applied or "-", state, took)
    Console(width=None if sys.stdout.isatty() else 400).print(table)
    for each in found:
        for line in each.problems:
            click.echo(f"{each.cluster}: {line}")


def _data(each: Overview) -> dict[str, Any]:
    last = each.standing.last if each.standing else None
    return {
        "cluster": each.cluster,
        "wave": each.wave,
        "stack": each.stack,
        "phase": each.phase,
        "applied": each.applied,
        "state": each.standing.state if each.standing else "",
        "before": each.standing.before if each.standing else "",
        "ending": last.ending if last else "",
        "begun": last.begun.isoformat() if last else "",
        "seconds": last.seconds if last else 0.0,
        "problems": list(each.problems),
    }


def _run(run: FleetRun) -> dict[str, Any]:
    return {
        "id": run.id,
        "command": run.command,
        "of": run.of,
        "phase": run.phase,
        "commit": run.commit,
        "dirty": run.dirty,
        "begun": run.begun.isoformat(),
        "ended": run.ended.isoformat() if run.ended else "",
        "ending": run.ending,
    }
