"""``hub2ghcr recover``: after a run that was killed, bring a stack back to where the next one can begin."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from .options import stack

if TYPE_CHECKING:
    from ..recovering import Recovered


@click.command("recover")
@stack
@click.option("--lock-is-dead", is_flag=True, help="You have made sure that no run is on: take every lock off.")
@click.option("--yes", is_flag=True, help="With --lock-is-dead: do not ask.")
def command(stack: str, lock_is_dead: bool, yes: bool) -> None:
    """Take off the lock of a killed run, settle what it had begun, and tell the state what is there.

    A lock goes only if its process is proven dead: on this machine, in a file backend. Elsewhere --lock-is-dead says
    so in its place. What the run had begun is looked up in the cluster and taken into the state, or left to the next
    run; nothing is deleted. Then run `hub2ghcr up`, forward or back. It can be run as often as one likes.

    \b
    Examples:
      hub2ghcr recover -s prod
      hub2ghcr recover -s prod --lock-is-dead
    """  # noqa: D301 click reads this very character
    from ..engine import Run
    from ..recovering import recover_stack

    if lock_is_dead and not yes:
        click.confirm("Is no run on this stack, on any machine?", abort=True)
    planned, mended, done = recover_stack(Run(stack, Path.cwd()), Path.cwd(), lock_is_dead=lock_is_dead)
    for each in mended:
        click.echo(f"removed: {each.name}, left empty by a kill: the engine could not read the state beside it")
    _tell(stack, planned.phase, done)


def _tell(stack: str, phase: str, done: Recovered) -> None:
    for lock in done.locks:
        click.echo(f"lock taken off: its process is dead ({lock})")
    for each in done.settled:
        click.echo(f"settled: {each.line}")
    for found in done.missing.planned:
        click.echo(f"not in the state: {found}; the next run takes it in")
    for found in done.missing.orphans:
        click.echo(f"not in the state: {found}; the settings do not name it any more: {found.remedy}")
    for line in done.unseen:
        click.echo(f"not seen: {line}")
    if not (done.locks or done.settled or done.missing.planned or done.missing.orphans):
        click.echo("nothing was left of a killed run")
    click.echo(f"the state says what is there, the stack file phase {phase}; the next run applies it, or goes back:")
    click.echo(f"  hub2ghcr up -s {stack}")
    back = f"--phase {done.phase}" if done.phase != phase else "--phase PHASE --namespace NS"
    click.echo(f"  hub2ghcr up -s {stack} {back}")
