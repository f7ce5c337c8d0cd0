"""``hub2ghcr inventory``: write what is in the clusters of a stack."""

from __future__ import annotations

import os
from contextlib import ExitStack
from pathlib import Path
from typing import Literal

import click

from .options import stack


@click.command("inventory")
@stack
@click.option("--check", is_flag=True, help="Write nothing; exit 1 if the file is not what the clusters hold.")
@click.option("--output", type=click.Choice(["table", "json"]), default="table", show_default=True)
def command(stack: str, check: bool, output: Literal["table", "json"]) -> None:
    """Write what is in the clusters of a stack to stacks/STACK.inventory.yaml, and say what changed since.

    Workloads with their images, who owns them and who manages each image, what their Pods run; ServiceAccounts and
    their pull Secrets, platforms of nodes, labels of namespaces: of the namespaces that the settings name or select.
    No value of a Secret is kept. Commit the file: plans and previews read it, and no cluster.

    Tokens of clusters: HUB2GHCR_SECRET_<SECRET_KEY> in the environment.

    \b
    Examples:
      hub2ghcr inventory -s prod
      hub2ghcr inventory -s prod --check
    """  # noqa: D301 click reads this very character
    from .. import cluster_access, inventory, settings
    from ..inventory.stack import take_stack
    from ..lock import Lock
    from . import inventory_output
    from .counting import Counting

    root = Path.cwd()
    found = settings.load(stack, root)
    lock = Lock.load(root / found.images.lock, found.images.lock)
    place = inventory.file_of(stack)
    before = inventory.load(root / place, place)
    with ExitStack() as opened, Counting("lists of the clusters") as counting:
        clusters = cluster_access.declared(found, os.environ, opened)
        taken = take_stack(found, clusters, lock, before, counting)
    changes = inventory.changes(before, taken.inventory)
    same = (root / place).exists() and not changes
    if not (check or same):
        inventory.write(taken.inventory, root / place, place)
    click.echo(inventory_output.shown(output, taken, before, place, written=not (check or same)))
    for note in taken.notes if output == "table" else ():
        click.echo(f"note: {note}", err=True)
    if check and not same:
        click.get_current_context().exit(1)
