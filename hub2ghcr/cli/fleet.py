"""``hub2ghcr fleet``: many clusters, wave by wave."""

from __future__ import annotations

from typing import Final

import click

from .lazy import Lazy

COMMANDS: Final = {
    "export": "Write the fleet for the Pulumi Kubernetes Operator or GitHub Actions.",
    "gate": "Watch a wave as `up` does behind it; for engines that know no gates.",
    "plan": "Show what each cluster of each wave will do, without engine, cluster or credentials.",
    "resume": "Go on with the last run that was not done: killed, halted or interrupted.",
    "rollback": "Bring clusters back to the phase that the last run found, the last wave first.",
    "stacks": "Write the stack files that clusters lack, from the fleet's template.",
    "status": "Show where each cluster stands: ledger, stack file, and the engine's state.",
    "up": "Apply every stack, wave by wave, with a gate after each wave.",
}


@click.group(
    "fleet",
    cls=Lazy,
    modules={name: (f"{__package__}.fleet_{name}", line) for name, line in COMMANDS.items()},
)
def command() -> None:
    """Change many clusters, wave by wave: canaries, then regions, then the rest (stacks/fleet.yaml).

    \b
    Example:
      hub2ghcr fleet plan
      hub2ghcr fleet up --phase cutover --yes
    """  # noqa: D301 click reads this character
