"""``hub2ghcr copy``: copy locked images to GHCR."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from . import completing, options
from .options import archives, endpoints

if TYPE_CHECKING:
    from ..copying import Job
    from ..settings import Settings
    from ..sharding import Shard

INTERRUPTED = 130
"""The exit code after Ctrl-C (128 and the number of SIGINT, as shells have it)."""
LEFT = 3
"""The exit code when images are left for a later run, since no pulls are."""


@click.command("copy")
@click.option(
    "-s",
    "--stack",
    metavar="STACK",
    shell_complete=completing.stacks,
    help="The images and registries of stacks/Pulumi.STACK.yaml.",
)
@click.option(
    "--lock",
    "lock",
    metavar="FILE",
    shell_complete=completing.files,
    help="All images of this lock file; needs no stack.",
)
@endpoints
@archives
@click.option("--whole", is_flag=True, help="Look below images that are there as well, and bring what is missing.")
@click.option("--dry-run", is_flag=True, help="Ask the target alone, and say what would be copied.")
@click.option("--pull-budget", type=click.IntRange(0), metavar="N", help="Read at most N manifests from sources.")
@click.option("--wait", is_flag=True, help="Wait for pulls where none are left, and go on.")
@click.option("--jobs", type=click.IntRange(1, 64), default=8, show_default=True, help="Images at the same time.")
@click.option("--shard", metavar="I/N", help="One of N parts, I from 0: $JOB_COMPLETION_INDEX/N in a Kubernetes Job.")
@click.option("--output", type=click.Choice(["table", "json"]), default="table", show_default=True)
def command(
    stack: str | None,
    lock: str | None,
    endpoints: tuple[str, ...],
    archives: tuple[str, ...],
    whole: bool,
    dry_run: bool,
    pull_budget: int | None,
    wait: bool,
    jobs: int,
    shard: str | None,
    output: Literal["table", "json"],
) -> None:
    """Copy locked images to GHCR, digests unchanged; what is there already is passed over.

    Pulls that a source allows are not overdrawn: what they do not suffice for is left, with exit code 3, or waited for.

    Credentials: HUB2GHCR_SECRET_<SECRET_KEY> in the environment (with a stack), else Docker's or podman's files.
    --output json writes one event a line: start, image, progress, wait, end.

    \b
    Examples:
      hub2ghcr copy -s prod --dry-run
      hub2ghcr copy -s prod --wait
      hub2ghcr copy --lock images.lock.yaml --output json
    """  # noqa: D301 click reads this very character
    from .. import access
    from ..allowance import Budget
    from ..archives import Archives
    from ..copying import Copier, Failed, Homes, Left, homes
    from ..errors import raise_all
    from ..manifest_store import ManifestStore, default_folder
    from ..reference import Reference
    from . import copy_progress, copy_report

    part, urls = _shard(shard), options.urls(endpoints, stack)
    settings, work = _work(stack, lock)
    work = [job for job in work if part is None or part.holds(job.target)]
    sources = Archives(map(Path, (*(settings.images.archives if settings else ()), *archives)))
    budget = Budget(settings.images.pullBudget if settings and pull_budget is None else pull_budget)
    push = {Reference.parse(job.target).registry for job in work}
    if settings is not None:
        opened = access.registries(settings, os.environ, push=push, observe=budget.observe)
    else:
        hosts = {Reference.parse(job.source).registry for job in work}
        opened = access.undeclared(hosts, os.environ, endpoints=urls, push=push, observe=budget.observe)
    try:
        with (
            opened as registries,
            copy_progress.progress(work, budget, output, dry_run) as progress,
            Copier(
                registries,
                jobs=jobs,
                progress=progress,
                manifests=ManifestStore(default_folder(os.environ), budget),
                archives=sources,
                homes=Homes(homes.default_path(os.environ)),
            ) as copier,
        ):
            results = copier.copy_all(work, dry_run=dry_run, wait=wait, whole=whole)
    except KeyboardInterrupt:
        click.echo("interrupted; run it again: what is at the target is not copied twice", err=True)
        # Threads may wait for a registry as long as its timeout. There is nothing to save, so they are not waited for.
        os._exit(INTERRUPTED)
    copy_report.show(results, budget, output, dry_run)
    raise_all(each.error for each in results if isinstance(each, Failed))
    if any(isinstance(each, Left) for each in results):
        click.get_current_context().exit(LEFT)


def _work(stack: str | None, lock: str | None) -> tuple[Settings | None, list[Job]]:
    """Return the stack's settings, and the images to copy: all of the lock file, or those that the stack runs."""
    from ..copying import locked
    from ..errors import LockError
    from ..lock import Lock

    root = Path.cwd()
    if stack is None:
        if lock is None:
            raise click.UsageError("give --stack, --lock, or both")
        settings = None
    else:
        from .. import settings as loading

        settings = loading.load(stack, root)
    path = lock or (settings.images.lock if settings else "")
    if lock is not None and not (root / path).exists():
        raise LockError("no such lock file", path, remedy="`hub2ghcr lock` writes it")
    found = Lock.load(root / path, path)
    if lock is not None or settings is None:
        return settings, locked.jobs(found.entries)
    from .. import plan

    return settings, locked.jobs(each.entry for each in plan.build(settings, found, root).copies)


def _shard(text: str | None) -> Shard | None:
    from ..errors import SettingsError
    from ..sharding import Shard

    try:
        return Shard.parse(text) if text is not None else None
    except SettingsError as error:
        raise click.UsageError(f"--shard: {error}") from None
