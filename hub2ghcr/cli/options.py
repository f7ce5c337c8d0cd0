"""Options that several commands have."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

_Function = TypeVar("_Function", bound=Callable[..., Any])

stack = click.option("-s", "--stack", required=True, metavar="STACK", help="The stack: stacks/Pulumi.STACK.yaml.")

archives = click.option(
    "--archive",
    "archives",
    multiple=True,
    metavar="PATH",
    help="Take what a `docker save` archive, OCI archive or OCI layout holds from it; repeatable.",
)


def rules(function: _Function) -> _Function:
    """Add the options that say which image moves where: ``maps``, ``config``, ``stack``."""
    for option in (
        click.option("-s", "--stack", metavar="STACK", help="Mapping and places of stacks/Pulumi.STACK.yaml."),
        click.option("--config", metavar="FILE", help="The same of a stack file, or of a file with `mapping:` alone."),
        click.option(
            "--map", "maps", multiple=True, metavar="SOURCE=TARGET", help="A rule, before those of a file; repeatable."
        ),
    ):
        function = option(function)
    return function


def one_source(config: str | None, stack: str | None) -> None:
    """Refuse two files of rules."""
    if config is not None and stack is not None:
        raise click.UsageError("--config and --stack exclude each other")
