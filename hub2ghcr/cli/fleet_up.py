"""``hub2ghcr fleet up``: every stack, wave by wave."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from .fleet_options import PHASES, narrow, running
from .fleet_run import Output, run

if TYPE_CHECKING:
    from ..fleet.history import History
    from ..fleet.intents import Intent
    from ..fleet.nouns import Fleet


@click.command("up")
@narrow
@click.option("--phase", type=PHASES, help="Write this phase into each stack file, then apply it.")
@click.option("--rollback-on-failure", is_flag=True, help="A cluster that fails applies the phase it came from.")
@running
def command(
    waves: tuple[str, ...],
    globs: tuple[str, ...],
    phase: str | None,
    rollback_on_failure: bool,
    yes: bool,
    output: Output,
    report: str | None,
) -> None:
    """Apply every stack as `hub2ghcr up` does, wave by wave, with a gate after each wave.

    When more clusters have failed than the budget allows, by themselves or at a gate, no further one begins.
    Ctrl-C ends those under way in order; a second one ends them at once. What ran is written to
    .hub2ghcr/fleet.jsonl, for `status`, `resume` and `rollback`.

    Exit codes: 0 all clusters are done; 1 problems in what was read, nothing ran; 6 halted; 7 every wave ran, some
    clusters failed within the budget; 130 interrupted.

    \b
    Example:
      hub2ghcr fleet up --phase cutover --wave canary --yes --report fleet.html
    """  # noqa: D301 click reads this character

    def intended(fleet: Fleet, root: Path, _: History) -> Intent:
        from ..fleet.intents import Narrow, begun

        return begun(fleet, root, Narrow(waves, globs), phase, rollback=rollback_on_failure)

    run(intended, yes=yes, output=output, report=report)
