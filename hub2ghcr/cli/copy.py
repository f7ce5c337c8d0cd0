"""``hub2ghcr copy``: copy a stack's locked images to GHCR."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal

import click

from .options import stack

INTERRUPTED = 130
"""The exit code after Ctrl-C (128 and the number of SIGINT, as shells have it)."""


@click.command("copy")
@stack
@click.option("--dry-run", is_flag=True, help="Ask the target alone, and say what would be copied.")
@click.option("--jobs", type=click.IntRange(1, 64), default=8, show_default=True, help="Images at the same time.")
@click.option("--output", type=click.Choice(["table", "json"]), default="table", show_default=True)
def command(stack: str, dry_run: bool, jobs: int, output: Literal["table", "json"]) -> None:
    """Copy the locked images of a stack to GHCR, digests unchanged; what is there already is passed over.

    Credentials: HUB2GHCR_SECRET_<SECRET_KEY> in the environment, else Docker's config.json.
    """
    from .. import access, plan, settings
    from ..copying import Copier, Failed, Job
    from ..errors import raise_all
    from ..lock import Lock
    from ..reference import Reference
    from . import copy_report

    root = Path.cwd()
    found = settings.load(stack, root)
    planned = plan.build(found, Lock.load(root / found.images.lock, found.images.lock), root)
    work = [Job(each.source, each.target, each.digest) for each in planned.copies]
    hosts = {Reference.parse(job.target).registry for job in work}
    try:
        with (
            access.registries(found, os.environ, push=hosts) as registries,
            copy_report.progress(len(work)) as progress,
            Copier(registries, jobs=jobs, progress=progress) as copier,
        ):
            results = copier.copy_all(work, dry_run=dry_run)
    except KeyboardInterrupt:
        click.echo("interrupted; run it again: what is at the target is not copied twice", err=True)
        # Threads may wait for a registry as long as its timeout. There is nothing to save, so they are not waited for.
        os._exit(INTERRUPTED)
    copy_report.show(results, output, dry_run)
    raise_all(each.error for each in results if isinstance(each, Failed))
