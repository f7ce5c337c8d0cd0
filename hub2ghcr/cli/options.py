"""Options that several commands have."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from .. import stack_files
from . import completing

_Function = TypeVar("_Function", bound=Callable[..., Any])

stack = click.option(
    "-s",
    "--stack",
    required=True,
    metavar="STACK",
    shell_complete=completing.stacks,
    help="The stack: stacks/Pulumi.STACK.yaml.",
)


def _only(_: click.Context, __: click.Parameter, stack: str | None) -> str:
    if stack is not None:
        return stack
    there = stack_files.stacks(Path.cwd())
    if len(there) == 1:
        return there[0]
    raise click.UsageError(f"name a stack with -s: {', '.join(there) or 'there is none in stacks/'}")


any_stack = click.option(
    "-s",
    "--stack",
    metavar="STACK",
    shell_complete=completing.stacks,
    callback=_only,
    help="The stack: stacks/Pulumi.STACK.yaml (default: the only one there is).",
)

archives = click.option(
    "--archive",
    "archives",
    multiple=True,
    metavar="PATH",
    shell_complete=completing.files,
    help="Take what a `docker save` archive, OCI archive or OCI layout holds from it; repeatable.",
)

endpoints = click.option(
    "--registry",
    "endpoints",
    multiple=True,
    metavar="HOST=URL",
    help="Where a registry is, without a stack; repeatable.",
)


def urls(endpoints: tuple[str, ...], stack: str | None) -> dict[str, str]:
    """Return the URLs of ``--registry`` by host."""
    if endpoints and stack is not None:
        raise click.UsageError("--registry and --stack exclude each other; the stack's `registries` say where they are")
    pairs = [text.partition("=") for text in endpoints]
    for host, equals, url in pairs:
        if not host or not equals or not url:
            raise click.UsageError(f"--registry {host}: write HOST=URL")
    return {host: url for host, _, url in pairs}


pull_budget = click.option(
    "--pull-budget", type=click.IntRange(0), metavar="N", help="Read at most N manifests from sources."
)


def rules(function: _Function) -> _Function:
    """Add the options that say which image moves where: ``maps``, ``config``, ``stack``."""
    stack = click.option(
        "-s",
        "--stack",
        metavar="STACK",
        shell_complete=completing.stacks,
        help="Mapping and places of stacks/Pulumi.STACK.yaml.",
    )
    return stack(mapping(function))


def mapping(function: _Function) -> _Function:
    """Add the options that say without a stack which image moves where: ``maps``, ``config``."""
    for option in (
        click.option(
            "--config",
            metavar="FILE",
            shell_complete=completing.files,
            help="Mapping and places of a stack file, or of `mapping:` alone.",
        ),
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
