"""Options that several commands of a fleet have."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from .completing import files

_Function = TypeVar("_Function", bound=Callable[..., Any])

PHASES = click.Choice(["prepare", "cutover", "seal"])


def narrow(function: _Function) -> _Function:
    """Add the options that name a part of the fleet: ``waves``, ``globs``."""
    wave = click.option("--wave", "waves", multiple=True, metavar="WAVE", help="This wave alone; repeatable.")
    cluster = click.option(
        "--cluster", "globs", multiple=True, metavar="GLOB", help="Clusters of such a name alone ('eu-*'); repeatable."
    )
    return wave(cluster(function))


def running(function: _Function) -> _Function:
    """Add the options of every run: ``yes``, ``output``, ``report``."""
    yes = click.option("--yes", is_flag=True, help="Do not ask.")
    output = click.option("--output", type=click.Choice(["text", "json"]), default="text", show_default=True)
    report = click.option(
        "--report",
        metavar="FILE",
        shell_complete=files,
        help="When it ends, however that is, write FILE.html, .json or .md: what ran when.",
    )
    return yes(output(report(function)))


lock_is_dead = click.option(
    "--lock-is-dead",
    is_flag=True,
    help="You have made sure that no engine runs: take every lock off the clusters that a killed run was at.",
)
