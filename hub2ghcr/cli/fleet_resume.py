"""``hub2ghcr fleet resume``: go on with what was not done."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from .fleet_options import lock_is_dead, narrow, running
from .fleet_run import PATIENCE, Output, run

if TYPE_CHECKING:
    from ..fleet.history import History
    from ..fleet.intents import Intent
    from ..fleet.nouns import Fleet


@click.command("resume")
@narrow
@click.option("--rollback-on-failure", is_flag=True, help="A cluster that fails applies the phase it came from.")
@lock_is_dead
@running
def command(
    waves: tuple[str, ...],
    globs: tuple[str, ...],
    rollback_on_failure: bool,
    lock_is_dead: bool,
    yes: bool,
    output: Output,
    report: str | None,
) -> None:
    """Go on with the last run that was not done: killed, halted or interrupted.

    Clusters that are done stay. One whose turn began and did not end is recovered first (as `hub2ghcr recover` does
    it), one that failed is tried again, and a gate that nobody passed is asked again. A rollback that was not done goes
    on; after one that was, the run it took back is done anew.

    Exit codes: those of `hub2ghcr fleet up`.

    \b
    Example:
      hub2ghcr fleet resume --yes
    """  # noqa: D301 click reads this character

    def intended(fleet: Fleet, root: Path, history: History) -> Intent:
        from ..fleet.intents import Narrow, resumed

        meant = Narrow(waves, globs)
        return resumed(fleet, root, meant, history, rollback=rollback_on_failure, lock_is_dead=lock_is_dead)

    run(intended, yes=yes, output=output, report=report, patience=PATIENCE)
