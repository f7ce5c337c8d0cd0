"""``hub2ghcr plan``: what a stack will do."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import click

from .options import stack


@click.command("plan")
@stack
@click.option("--output", type=click.Choice(["table", "json", "markdown"]), default="table", show_default=True)
def command(stack: str, output: Literal["table", "json", "markdown"]) -> None:
    """Show what a stack will do, without engine, cluster or credentials. The same input gives the same bytes.

    \b
    Examples:
      hub2ghcr plan -s prod
      hub2ghcr plan -s prod --output json
    """  # noqa: D301 click reads this very character
    from .. import plan, rendering
    from . import plan_json, plan_output

    root = Path.cwd()
    found = plan.of_stack(stack, root)
    planned = rendering.checked(found.plan, found.survey.sites, root)
    plan.require_built(planned, root)
    plan.require_buildable(planned, root)
    click.echo(
        {"table": plan_output.table, "json": plan_json.as_json, "markdown": plan_output.markdown}[output](planned)
    )
