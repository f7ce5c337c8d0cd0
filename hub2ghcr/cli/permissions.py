"""``hub2ghcr permissions``: which token needs which scope, and why."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Final, Literal

import click

from .options import any_stack

SCHEMA: Final = 1
"""The version of the JSON output."""


@click.command("permissions")
@any_stack
@click.option("--output", type=click.Choice(["table", "json"]), default="table", show_default=True)
def command(stack: str, output: Literal["table", "json"]) -> None:
    """Print what each credential of a stack must be allowed to do, and why: no more, no less.

    Nobody is asked. `hub2ghcr doctor` tries the tokens there are, and names those that may do more than this.

    \b
    Example:
      hub2ghcr permissions -s prod
    """  # noqa: D301 click reads this very character
    from dataclasses import asdict

    from ..github.scopes import least
    from ..permissions import needs, unused
    from ..plan import of_stack

    plan = of_stack(stack, Path.cwd()).plan
    found, spare = needs(plan), unused(plan)
    by_credential = {each.credential: [need for need in found if need.credential == each.credential] for each in found}
    if output == "json":
        credentials = [
            {
                "name": name,
                "least": least(each.scope for each in wanted if each.kind == "github"),
                "needs": [asdict(each) for each in wanted],
            }
            for name, wanted in by_credential.items()
        ]
        click.echo(json.dumps({"version": SCHEMA, "credentials": credentials, "unused": list(spare)}, indent=2))
        return
    from rich.console import Console
    from rich.table import Table

    table = Table("credential", "user", "scope", "fine-grained instead", "why", box=None, pad_edge=False)
    for wanted in by_credential.values():
        # one that has any need which only a classic token meets is a classic token
        classic = any(each.kind == "github" and not each.permission for each in wanted)
        for each in wanted:
            table.add_row(each.credential, each.username, each.scope, "" if classic else each.permission, each.why)
    # A pipe has no width of its own: no line is broken there.
    Console(width=None if sys.stdout.isatty() else 400).print(table)
    for name in spare:
        click.echo(f"{name}: nothing of this plan needs it")
