"""``hub2ghcr status``: where a migration stands."""

from __future__ import annotations

import os
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from .options import stack

if TYPE_CHECKING:
    from ..status import Status


@click.command("status")
@stack
@click.option("--output", type=click.Choice(["table", "json"]), default="table", show_default=True)
def command(stack: str, output: Literal["table", "json"]) -> None:
    """Show per namespace what is copied, granted, switched and running, and what is still on Docker Hub.

    Clusters and registries are asked, the engine is not; nothing is written. What each namespace can pull is tried with
    the very Secret that lies there, public images without any. `hub2ghcr verify --cluster` makes an exit code of it.

    \b
    Examples:
      hub2ghcr status -s prod
      hub2ghcr status -s prod --output json
    """  # noqa: D301 click reads this very character
    from .status_output import show

    show(looked(stack), output)


def looked(stack: str) -> tuple[Status, ...]:
    """Return where every namespace of a stack stands."""
    from .. import access, cluster_access, plan
    from ..pull_secrets.pulling import Puller
    from ..status import Asking, look
    from .counting import Counting

    found = plan.of_stack(stack, Path.cwd())
    with ExitStack() as opened:
        clusters = cluster_access.clusters(found.plan, os.environ, opened)
        registries = opened.enter_context(access.registries(found.settings, os.environ))
        puller = Puller(access.puller(found.settings, opened))
        with Counting("looking at namespaces") as counting:
            return look(found.plan, Asking(clusters, puller, registries), counting)
