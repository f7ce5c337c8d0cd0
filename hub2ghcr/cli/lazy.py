"""A group of commands whose modules are loaded when they are called: ``--help`` loads none."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import Any

import click
from click.shell_completion import CompletionItem


class Lazy(click.Group):
    """A group whose commands are the ``command`` of a module each.

    Args:
        modules: by a command's name its module's full name, and its line in ``--help``.
    """

    def __init__(self, *args: Any, modules: Mapping[str, tuple[str, str]], **options: Any) -> None:
        super().__init__(*args, **options)
        self._modules = modules

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names, sorted."""
        return sorted(self._modules)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command, None for a name that is none."""
        if cmd_name not in self._modules:
            return None
        command: click.Command = importlib.import_module(self._modules[cmd_name][0]).command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the table of commands."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in sorted(self._modules.items())])

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Offer the commands with their lines, and this group's own options."""
        names = [CompletionItem(name, help=line) for name, (_, line) in sorted(self._modules.items())]
        options = click.Command.shell_complete(self, ctx, incomplete)  # a group's own loads every command
        return [*(each for each in names if each.value.startswith(incomplete)), *options]
