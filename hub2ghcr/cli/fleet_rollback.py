"""``hub2ghcr fleet rollback``: back to the phases that a run found."""

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


@click.command("rollback")
@narrow
@lock_is_dead
@running
def command(
    waves: tuple[str, ...],
    globs: tuple[str, ...],
    lock_is_dead: bool,
    yes: bool,
    output: Output,
    report: str | None,
) -> None:
    """Bring one cluster, one wave or all of the last run back to the phase that each came from; nothing is copied.

    The last wave goes first. Clusters whose turn did not come are left alone, and so is whoever is back already. Every
    cluster is tried, whatever fails.

    Exit codes: 0 all are back; 1 problems in what was read, nothing ran; 7 some clusters failed; 130 interrupted.

    \b
    Examples:
      hub2ghcr fleet rollback --yes
      hub2ghcr fleet rollback --cluster canary-1
    """  # noqa: D301 click reads this character

    def intended(fleet: Fleet, root: Path, history: History) -> Intent:
        from ..fleet.intents import Narrow, taken_back

        return taken_back(fleet, root, Narrow(waves, globs), history, lock_is_dead=lock_is_dead)

    run(intended, yes=yes, output=output, report=report, patience=PATIENCE)
