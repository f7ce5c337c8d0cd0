"""How a command of a fleet runs: it asks, hears Ctrl-C, shows what goes on, and ends with an exit code."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

import click

if TYPE_CHECKING:
    from ..fleet.conducting import Conductor
    from ..fleet.history import History
    from ..fleet.intents import Intent
    from ..fleet.ledger import Ledger
    from ..fleet.nouns import Fleet

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
    """Do what is intended, once that was agreed to, write a report of it, and end with the run's exit code."""
    from ..fleet.ledger import Ledger
    from ..fleet.reading import load
    from ..fleet.remembered import history
    from .fleet_reported import checked, reported

    if not yes and (output == "json" or not sys.stdin.isatty()):
        raise click.UsageError("nobody can be asked here: give --yes")
    checked(report)
    root, code = Path.cwd(), 0
    fleet = load(root)
    with Ledger(root, patience) as ledger:
        intent = intended(fleet, root, history(root))
        if intent.legs:
            code = _run(intent, fleet, root, ledger, yes, output)
        else:
            click.echo("nothing is left to do", err=True)
    if report is not None:
        reported(report, fleet, root)
    click.get_current_context().exit(code)


def _run(intent: Intent, fleet: Fleet, root: Path, ledger: Ledger, yes: bool, output: Output) -> int:
    from ..engine import Run
    from ..fleet.conducting import Conductor
    from ..fleet.turn import take
    from .fleet_shown import shown

    engine = Run(fleet.clusters[0].stack, root).version  # without an engine every cluster would fail
    _tell(intent)
    if not yes:
        click.confirm("Go on?", abort=True)
    with shown(output) as told:
        conductor = Conductor(root, ledger, told, work=partial(take, engine=engine))
        _interruptible(conductor)
        return CODES[conductor.run(intent, fleet.digest)]


def _tell(intent: Intent) -> None:
    """Say what is going to be done, before anybody agrees to it."""
    from ..amounts import many
    from .fleet_lines import names

    does = f"phase {intent.phase}" if intent.phase else "phases as the stack files say"
    does = does if intent.command == "up" else "each to the phase it came from"
    again = f", going on with run {intent.of}" if intent.of and intent.command == "up" else ""
    click.echo(f"fleet {intent.command}: {does}{again}", err=True)
    for leg in intent.legs:
        turns = names(tuple(leg.turns)) or "nobody, the gate alone"
        click.echo(f"  {leg.wave}: {turns} ({leg.concurrency} at once)", err=True)
    if intent.budget is not None:
        click.echo(f"  halts when more than {many(intent.budget, 'cluster')} failed", err=True)


def _interruptible(conductor: Conductor) -> None:
    """Have Ctrl-C, SIGTERM and a terminal that goes end the clusters under way in order; a second Ctrl-C at once."""
    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, lambda *_: conductor.interrupt())
    # A shell and the system may both say that the terminal has gone: that is nobody who would not wait
    signal.signal(signal.SIGHUP, lambda *_: None if conductor.interrupted else conductor.interrupt())
