"""Every command of the command line, loaded."""

from __future__ import annotations

from collections.abc import Iterator

import click

from hub2ghcr.cli import group

Named = tuple[str, click.Command]


def commands(command: click.Command = group, name: str = "hub2ghcr") -> Iterator[Named]:
    """Yield a command and all below it, each with the words that call it."""
    yield name, command
    if isinstance(command, click.Group):
        context = click.Context(command)
        for each in command.list_commands(context):
            found = command.get_command(context, each)
            assert found is not None
            yield from commands(found, f"{name} {each}")


COMMANDS = dict(commands())
