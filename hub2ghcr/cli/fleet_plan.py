"""``hub2ghcr fleet plan``: what every cluster of a fleet would do."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

import click

from .fleet_options import PHASES, narrow

if TYPE_CHECKING:
    from ..fleet.nouns import Fleet
    from ..fleet.planning import ClusterPlan

SCHEMA: Final = 1
"""The version of the JSON output."""


@click.command("plan")
@narrow
@click.option("--phase", type=PHASES, help="As if each stack were in this phase (default: as its file says).")
@click.option("--output", type=click.Choice(["table", "json"]), default="table", show_default=True)
def command(
    waves: tuple[str, ...], globs: tuple[str, ...], phase: str | None, output: Literal["table", "json"]
) -> None:
    """Show the waves, and what each cluster will do, without engine, cluster or credentials.

    Exit codes: 0 done; 1 problems of the fleet's file, or of a stack's.

    \b
    Example:
      hub2ghcr fleet plan --phase cutover --wave canary
    """  # noqa: D301 click reads this character
    from ..fleet.narrowing import narrowed
    from ..fleet.planning import planned
    from ..fleet.reading import load
    from .counting import Counting

    root = Path.cwd()
    fleet = load(root)
    meant = fleet.only(narrowed(fleet, waves, globs))
    with Counting("planning clusters") as counting:
        found = planned(meant, root, phase, counting)
    if output == "json":
        click.echo(json.dumps(_data(meant, found), indent=2))
    else:
        _show(meant, found)
    if any(each.problems for each in found.values()):
        click.get_current_context().exit(1)


def _show(fleet: Fleet, found: Mapping[str, ClusterPlan]) -> None:
    from rich.console import Console
    from rich.table import Table

    from ..amounts import many
    from .fleet_lines import asked

    table = Table("wave", "cluster", "stack", "phase", "images", "namespaces", "switched", box=None, pad_edge=False)
    for wave in fleet.waves:
        for each in wave.clusters:
            plan = found[each.name]
            phase = plan.after if plan.phase == plan.after else f"{plan.phase} → {plan.after}"
            counts = (str(len(plan.images)), str(plan.namespaces), f"{plan.switched}/{plan.workloads}")
            row = ("no plan", "-", "-", "-") if plan.problems else (phase, *counts)
            table.add_row(wave.name, each.name, each.stack, *row)
    Console(width=None if sys.stdout.isatty() else 400).print(table)
    for wave in fleet.waves:
        click.echo(f"gate of {wave.name}: {asked(wave.gate)}; {many(wave.concurrency, 'cluster')} at once")
    count = len(found)
    may = many(fleet.budget.of(count), "cluster")
    click.echo(f"{many(count, 'cluster')}, {many(_images(found), 'image')}; halts when more than {may} failed")
    for name, plan in found.items():
        for line in plan.problems:
            click.echo(f"error: {name}: {line}", err=True)


def _images(found: Mapping[str, ClusterPlan]) -> int:
    """Return how many images all copies together are about: many clusters wait for one."""
    return len({image for each in found.values() for image in each.images})


def _data(fleet: Fleet, found: Mapping[str, ClusterPlan]) -> dict[str, Any]:
    def cluster(name: str, stack: str, labels: Mapping[str, str]) -> dict[str, Any]:
        plan = found[name]
        return {
            "cluster": name,
            "stack": stack,
            "labels": dict(labels),
            "phase": plan.phase,
            "after": plan.after,
            "images": len(plan.images),
            "namespaces": plan.namespaces,
            "workloads": plan.workloads,
            "switched": plan.switched,
            "problems": list(plan.problems),
        }

    waves = [
        {
            "wave": wave.name,
            "concurrency": wave.concurrency,
            "gate": {
                "availability": wave.gate.availability,
                "pullErrors": wave.gate.pull_errors,
                "soakSeconds": wave.gate.soak,
            },
            "clusters": [cluster(each.name, each.stack, each.labels) for each in wave.clusters],
        }
        for wave in fleet.waves
    ]
    return {"version": SCHEMA, "budget": fleet.budget.of(len(found)), "images": _images(found), "waves": waves}
