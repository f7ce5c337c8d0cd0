"""``hub2ghcr up``: change the phase and apply it, or leave the phase where it was."""

from __future__ import annotations

import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

import click

from .options import stack

if TYPE_CHECKING:
    from ..engine import Run
    from ..plan import Plan

CODES: Final = {"done": 0, "failed": 1, "rolled back": 4, "stranded": 5}
"""Exit codes by how a change ended."""


@click.command("up")
@stack
@click.option("--phase", type=click.Choice(["prepare", "cutover", "seal"]), help="Write this phase, then apply it.")
@click.option(
    "--namespace",
    "namespaces",
    multiple=True,
    metavar="NS",
    help="Write it for this namespace alone (NS, or CLUSTER/NS); repeatable.",
)
@click.option("--rollback-on-failure", is_flag=True, help="After a failure apply the phase that was there before.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--output", type=click.Choice(["text", "json"]), default="text", show_default=True)
def command(
    stack: str,
    phase: str | None,
    namespaces: tuple[str, ...],
    rollback_on_failure: bool,
    yes: bool,
    output: Literal["text", "json"],
) -> None:
    """Apply a stack, as `pulumi up` does, and leave no half-way phase behind.

    A phase that fails is written back where it came from, so that the next plain `pulumi up` does not try it again.
    Ctrl-C ends the engine in order and counts as a failure; a second one ends it at once (`hub2ghcr recover`).

    \b
    Examples:
      hub2ghcr up -s prod
      hub2ghcr up -s prod --phase cutover --rollback-on-failure
      hub2ghcr up -s prod --phase prepare --namespace shop --yes

    Exit codes: 0 done; 1 failed, the phase is where it was; 4 failed and rolled back; 5 failed, and so did the
    way back.
    """  # noqa: D301 click reads this very character
    from ..engine import Change, Run, change
    from .up_output import Lines, Objects, ended

    if namespaces and phase is None:
        raise click.UsageError("--namespace needs --phase")
    if not yes and (output == "json" or not sys.stdin.isatty()):
        raise click.UsageError("nobody can be asked here: give --yes")
    root, run = Path.cwd(), Run(stack, Path.cwd())
    _interruptible(run)

    def agreed(plan: Plan, before: str, after: str) -> bool:
        told.expect(plan, before, after)
        return yes or click.confirm("Apply it?")

    shown: Lines | Objects = Objects() if output == "json" else Lines()
    with shown as told:
        outcome = change(Change(stack, phase, namespaces, rollback_on_failure), root, run, told, agreed)
    if outcome is None:
        raise click.Abort
    ended(stack, outcome, output)
    click.get_current_context().exit(CODES[outcome.ending])


def _interruptible(run: Run) -> None:
    """Have Ctrl-C and SIGTERM end the engine, and nothing of ours: what comes after a failure has to come."""
    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, lambda *_: run.interrupt())
