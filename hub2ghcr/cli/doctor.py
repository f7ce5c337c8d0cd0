"""``hub2ghcr doctor``: everything that a stack needs, tried."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, Literal

import click

from ..amounts import many
from .options import any_stack

SCHEMA: Final = 1
"""The version of the JSON output."""
FAILED: Final = 1
"""The exit code where something fails; warnings do not."""


@click.command("doctor")
@any_stack
@click.option("--output", type=click.Choice(["table", "json"]), default="table", show_default=True)
def command(stack: str, output: Literal["table", "json"]) -> None:
    """Try every credential of a stack, its registries, clusters, engine and programs, and say what to do.

    Nothing is written anywhere, and no secret is shown. Values of credentials are those of the environment
    (HUB2GHCR_SECRET_…), else those of the stack's configuration. Exit code 1: something fails; warnings do not.

    \b
    Examples:
      hub2ghcr doctor -s prod
      hub2ghcr doctor -s prod --output json
    """  # noqa: D301 click reads this very character
    from dataclasses import asdict

    from ..doctor import Examination, examine

    examination = Examination(stack, Path.cwd(), os.environ, datetime.now(UTC), lambda line: click.echo(line, err=True))
    found = examine(examination)
    if output == "json":
        click.echo(json.dumps({"version": SCHEMA, "findings": [asdict(each) for each in found]}, indent=2))
    else:
        for each in found:
            click.echo(f"{each.state:<8} {each}")
        count = {state: sum(each.state == state for each in found) for state in ("ok", "warning", "failure")}
        click.echo(f"{count['ok']} ok, {many(count['warning'], 'warning')}, {many(count['failure'], 'failure')}")
    if any(each.state == "failure" for each in found):
        click.get_current_context().exit(FAILED)
