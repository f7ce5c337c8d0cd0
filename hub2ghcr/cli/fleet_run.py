"""How a command of a fleet runs: it asks, hears Ctrl-C, shows what goes on, and ends with an exit code."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

import click

if TYPE_CHECKING:
    from ..fleet.conducting import Conductor
    from ..fleet.history import History
    from ..fleet.intents import Intent
    from ..fleet.nouns import Fleet
    from ..report.forms import Form

Output = Literal["text", "json"]

CODES: Final = {"done": 0, "halted": 6, "incomplete": 7, "interrupted": 130}
"""Exit codes by how a run ended."""
PATIENCE: Final = 60.0
"""Seconds in which the processes of a run that was killed may end in order."""


def run(
    intended: Callable[[Fleet, Path, History], Intent],
    *,
    yes: bool,
    output: Output,
    report: str | None = None,
    patience: float = 0.0,
) -> None:
    """Do what is intended, once that was agreed to, write the report, and end with the run's exit code."""
    from ..engine import Run
    from ..fleet.conducting import Conductor
    from ..fleet.ledger import Ledger
    from ..fleet.reading import load
    from ..fleet.remembered import history
    from .fleet_shown import shown
    from .report import form_of

    form = form_of(report) if report else None
    if not yes and (output == "json" or not sys.stdin.isatty()):
        raise click.UsageError("nobody can be asked here: give --yes")
    root = Path.cwd()
    fleet = load(root)
    with Ledger(root, patience) as ledger:
        intent = intended(fleet, root, history(root))
        if not intent.legs:
            click.echo("nothing is left to do", err=True)
            return
        Run(fleet.clusters[0].stack, root)  # without an engine every cluster would fail
        _tell(intent)
        if not yes:
            click.confirm("Go on?", abort=True)
        with shown(output) as told:
            conductor = Conductor(root, ledger, told)
            _interruptible(conductor)
            ending = conductor.run(intent, fleet.digest)
    if report and form:
        _report(report, form, history(root))
    click.get_current_context().exit(CODES[ending])


def _report(file: str, form: Form, told: History) -> None:
    """Write what ran; a file that cannot be written is told, and the run has ended as it has."""
    from datetime import UTC, datetime

    from ..errors import Hub2GhcrError
    from ..report import fleet_report, written
    from .report import write

    try:
        write(file, written(fleet_report(told, datetime.now(UTC)), form))
    except Hub2GhcrError as error:
        click.echo(f"error: {error}", err=True)


def _tell(intent: Intent) -> None:
    """Say what is going to be done, before anybody agrees to it."""
    from .fleet_lines import many

    does = f"phase {intent.phase}" if intent.phase else "phases as the stack files say"
    does = does if intent.command == "up" else "each to the phase it came from"
    again = f", going on with run {intent.of}" if intent.of and intent.command == "up" else ""
    click.echo(f"fleet {intent.command}: {does}{again}", err=True)
    for leg in intent.legs:
        turns = ", ".join(leg.turns) or "nobody, the gate alone"
        click.echo(f"  {leg.wave}: {turns} ({leg.concurrency} at once)", err=True)
    if intent.budget is not None:
        click.echo(f"  halts when more than {many(intent.budget, 'cluster')} failed", err=True)


def _interruptible(conductor: Conductor) -> None:
    """Have Ctrl-C, SIGTERM and a terminal that goes end the clusters under way in order, a second one at once."""
    for each in (signal.SIGHUP, signal.SIGINT, signal.SIGTERM):
        signal.signal(each, lambda *_: conductor.interrupt())
