"""``hub2ghcr fleet gate``: whether a wave is such that the next one may begin."""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

if TYPE_CHECKING:
    from ..fleet.gates import Health


@click.command("gate")
@click.option("--wave", "name", required=True, metavar="WAVE", help="The wave.")
@click.option("--output", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.pass_context
def command(ctx: click.Context, name: str, output: Literal["text", "json"]) -> None:
    """Watch the clusters of a wave for the soak time of its gate; for engines that know no gates.

    `fleet up` does the same behind each wave. The first cluster that fails ends it. Nothing is written, and the ledger
    is not asked.

    \b
    Example:
      hub2ghcr fleet gate --wave canary

    Exit codes: 0 the next wave may begin; 1 it may not, one line for each reason; 130 interrupted.
    """  # noqa: D301 click reads this very character
    from ..errors import raise_all
    from ..fleet.narrowing import unknown_waves
    from ..fleet.reading import load
    from ..fleet.soak import watch
    from ..fleet.stop import Stop

    fleet = load(Path.cwd())
    raise_all(unknown_waves(fleet, (name,)))
    wave = next(each for each in fleet.waves if each.name == name)
    over = Stop()
    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, lambda *_: over.set())
    stacks = {each.stack: each.name for each in wave.clusters}
    failed = watch(stacks, Path.cwd(), wave.gate, os.environ, told=_Told(len(stacks)), over=over)
    problems = {stacks[stack]: lines for stack, lines in failed.items()}
    if output == "json":
        click.echo(json.dumps({"wave": wave.name, "passed": not problems, "problems": problems}, indent=2))
    for cluster, lines in problems.items():
        for line in lines:
            click.echo(f"error: {cluster}: {line}", err=True)
    if over.is_set():
        click.echo("error: interrupted before the soak time was over", err=True)
        ctx.exit(130)
    if output == "text" and not problems:
        click.echo(f"wave {wave.name}: {len(stacks)} clusters are as its gate asks")
    ctx.exit(1 if problems else 0)


class _Told:
    """Tells how a wave is: on a terminal in one line that is written over, else in a line a minute."""

    def __init__(self, stacks: int) -> None:
        self._stacks = stacks
        self._next = float("inf")

    def __call__(self, left: float, found: Mapping[str, Health]) -> None:
        available = sum(each.available for each in found.values())
        wanted = sum(each.wanted for each in found.values())
        line = f"{len(found)} of {self._stacks} clusters answer, {available} of {wanted} Pods, {left:.0f} s left"
        if sys.stderr.isatty():
            click.echo(f"\r\x1b[K{line}" if left else "\r\x1b[K", err=True, nl=False)
        elif left and left < self._next:
            self._next = left - 60
            click.echo(line, err=True)
