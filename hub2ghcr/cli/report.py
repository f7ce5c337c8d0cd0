"""``hub2ghcr report``: where a stack or a fleet stands, for people."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from . import completing

if TYPE_CHECKING:
    from ..report import FleetReport, Report
    from ..report.forms import Form

_SUFFIXES: Final[dict[str, Form]] = {".html": "html", ".json": "json", ".md": "markdown"}


@click.command("report")
@click.option(
    "-s", "--stack", metavar="STACK", shell_complete=completing.stacks, help="The stack: stacks/Pulumi.STACK.yaml."
)
@click.option("--fleet", is_flag=True, help="All stacks of stacks/fleet.yaml, and what this machine ran on them.")
@click.option("--offline", is_flag=True, help="Ask nobody: what settings, manifests, lock and inventory know.")
@click.option("--output", type=click.Choice(["html", "json", "markdown"]), default="html", show_default=True)
@click.argument("files", nargs=-1, metavar="[FILE.html|FILE.json|FILE.md]...", shell_complete=completing.files)
def command(stack: str | None, fleet: bool, offline: bool, output: Form, files: tuple[str, ...]) -> None:
    """Write where a stack stands: what is moved, what is still on Docker Hub and why, what it takes, what happened.

    Clusters, registries, Docker Hub's pull allowance and the engine's past runs are asked; what does not answer is told
    in the report, which is made all the same. Nothing is written but the report, and no secret is in it. Without files
    it goes to standard output.

    Exit code 1: the stack cannot be planned, the fleet not be read, or a file not be written. What the report says
    makes none: `hub2ghcr verify --cluster` does that.

    \b
    Examples:
      hub2ghcr report -s prod report.html
      hub2ghcr report -s prod --offline --output markdown
      hub2ghcr report --fleet fleet.html fleet.json
    """  # noqa: D301 click reads this very character
    from ..report import written

    if (stack is None) != fleet:
        raise click.UsageError("give --stack or --fleet")
    forms = {file: form_of(file) for file in files}
    found = _of_stack(stack, offline) if stack is not None else _of_fleet(offline)
    for file, form in forms.items():
        write(file, written(found, form))
    if not files:
        click.echo(written(found, output))


def write(file: str, text: str) -> None:
    """Write a report's file in one step, and say so."""
    from .. import files

    files.replace(file, f"{text}\n".encode(), file)
    click.echo(f"{file} is written", err=True)


def form_of(file: str) -> Form:
    """Return the form that a file's ending stands for.

    Raises:
        click.UsageError: it stands for none.
    """
    form = _SUFFIXES.get(Path(file).suffix.lower())
    if form is None:
        raise click.UsageError(f"{file}: a report's file ends in {', '.join(_SUFFIXES)}")
    return form


def _of_stack(stack: str, offline: bool) -> Report:
    from .. import plan
    from ..report import NOTHING, report
    from ..report.looking import look
    from .counting import Counting

    root = Path.cwd()
    found = plan.of_stack(stack, root)
    seen = NOTHING
    if not offline:
        with Counting("looking at images and namespaces") as counting:
            seen = look(found, root, os.environ, counting)
    return report(found.plan, seen, datetime.now(UTC))


def _of_fleet(offline: bool) -> FleetReport:
    from ..fleet.reading import load
    from ..fleet.remembered import history
    from ..report import fleet_report
    from ..report.fleet_looking import read
    from .counting import Counting

    root, at = Path.cwd(), datetime.now(UTC)
    fleet = load(root)
    ran = history(root)
    with Counting("looking at stacks") as counting:
        stacks = read(fleet, root, os.environ, at, offline=offline, told=counting)
    return fleet_report(ran, at, fleet, stacks)
