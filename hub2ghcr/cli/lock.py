"""``hub2ghcr lock``: resolve images and write the lock file."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple

import click

from . import completing, options

if TYPE_CHECKING:
    from ..allowance import Budget
    from ..registry import Registries
    from ..resolving import Wanted

LEFT = 3
"""The exit code when images are left for a later run, since no pulls are."""


@click.command("lock")
@click.option(
    "-s", "--stack", metavar="STACK", shell_complete=completing.stacks, help="The images of stacks/Pulumi.STACK.yaml."
)
@click.option(
    "--from-scan",
    "paths",
    multiple=True,
    metavar="PATH",
    shell_complete=completing.files,
    help="The images that files name, without a stack; repeatable.",
)
@options.mapping
@options.endpoints
@options.archives
@click.option(
    "--lock",
    metavar="FILE",
    shell_complete=completing.files,
    help="The lock file (default: the settings', else images.lock.yaml).",
)
@click.option(
    "--update",
    is_flag=False,
    flag_value="*",
    metavar="[GLOB]",
    help="Follow tags that stand for another digest now; with GLOB those of such sources alone.",
)
@click.option("--check", is_flag=True, help="Write nothing; exit code 1 if the lock would change.")
@options.pull_budget
@click.option("--output", type=click.Choice(["table", "json"]), default="table", show_default=True)
def command(
    stack: str | None,
    paths: tuple[str, ...],
    maps: tuple[str, ...],
    config: str | None,
    endpoints: tuple[str, ...],
    archives: tuple[str, ...],
    lock: str | None,
    update: str | None,
    check: bool,
    pull_budget: int | None,
    output: Literal["table", "json"],
) -> None:
    """Resolve images to their digests, and write these and where they go to the lock file.

    A locked image keeps its digest. Tags that have moved since are shown, and followed with --update. Then images that
    were published on GHCR, where the mapping leads to, are locked, too: a release there needs nothing else.

    \b
    Examples:
      hub2ghcr lock -s prod
      hub2ghcr lock -s prod --update 'docker.io/library/*'
      hub2ghcr lock --from-scan deploy/ --map 'docker.io/acme/*=ghcr.io/acme/*'

    --check asks registries for digests alone, which is free. It fails if the same command without it would change the
    file: so with --update for a tag that moved, and without it not.

    Exit codes: 0 done, 1 problems, or --check found what would change, 3 images are left since no pulls are; what was
    resolved is written then, and the next run goes on.
    """  # noqa: D301 click reads this very character
    from .. import resolving
    from ..archives import Archives
    from ..errors import LockError
    from ..lock import Lock, source_of
    from ..manifest_store import ManifestStore, default_folder
    from . import copy_report, lock_output
    from .counting import Counting

    if (stack is None) == (not paths):
        raise click.UsageError("whose images? Give --stack or --from-scan")
    if stack is not None and (maps or config):
        raise click.UsageError("--map and --config are for --from-scan; a stack has its own mapping")
    urls = options.urls(endpoints, stack)
    asked = _of_stack(stack, pull_budget) if stack is not None else _of_files(paths, maps, config, urls, pull_budget)
    place, budget = lock or asked.lock, asked.budget
    path = Path.cwd() / place
    before = Lock.load(path, place)
    if update is not None and not any(resolving.matches(source_of(each.reference), update) for each in asked.images):
        raise LockError("matches none of the images", "--update", update, "write such as docker.io/library/*")
    with asked.registries as registries, Counting("resolving images") as counting:
        resolutions = resolving.resolve(
            asked.images,
            before,
            registries,
            manifests=ManifestStore(default_folder(os.environ), budget),
            archives=Archives(map(Path, (*asked.archives, *archives))),
            update=update or False,
            look=check,
            done=counting,
        )
    after = resolving.locked(before, resolutions)
    changed = after.entries != before.entries
    if changed and not check:
        after.dump(path)
    left = [each for each in resolutions if each.state == "left"]
    again = copy_report.renewal(budget) if left else None
    unlocked = resolving.not_locked(asked.images, after)
    if output == "json":
        written = changed and not check
        end = lock_output.End(place, changed, written, budget.spent, again)
        click.echo(lock_output.as_json(resolutions, unlocked, end))
    else:
        for line in lock_output.lines(resolutions, unlocked):
            click.echo(line)
        state = "unchanged" if not changed else "would change" if check else "written"
        pulls = f", {budget.spent} pulls" if budget.spent else ""
        click.echo(f"{place}: {len(resolutions)} images{' of this stack' if stack else ''}, {state}{pulls}")
    if left:
        click.echo(lock_output.resume(len(left), again), err=True)
        click.get_current_context().exit(LEFT)
    if check and changed:
        raise LockError("not up to date", place, remedy="run the same without --check, and commit what it writes")


class _Asked(NamedTuple):
    """What is to be locked, and the registries that are asked, under one budget."""

    images: tuple[Wanted, ...]
    lock: str
    archives: tuple[str, ...]
    registries: Registries
    budget: Budget


def _of_stack(stack: str, pulls: int | None) -> _Asked:
    """Return what a stack's manifests name."""
    from .. import access, settings
    from ..allowance import Budget
    from ..wanted import wanted

    root = Path.cwd()
    found = settings.load(stack, root)
    budget = Budget(found.images.pullBudget if pulls is None else pulls)
    registries = access.registries(found, os.environ, observe=budget.observe)
    return _Asked(wanted(found, root), found.images.lock, found.images.archives, registries, budget)


def _of_files(
    paths: tuple[str, ...], maps: tuple[str, ...], config: str | None, urls: dict[str, str], pulls: int | None
) -> _Asked:
    """Return what files name, by the rules of the command line."""
    from .. import access, rules
    from ..allowance import Budget
    from ..wanted import scanned

    if not (maps or config):
        raise click.UsageError("which image moves where? Name --map or --config")
    found = rules.load(maps, config)
    images, uncovered = scanned(paths, found)
    for text in sorted({row.text for row in uncovered}):
        click.echo(f"note: no rule names this Docker Hub image: {text!r}", err=True)
    budget = Budget(pulls)
    hosts = {each.reference.registry for each in images}
    registries = access.undeclared(hosts, os.environ, endpoints=urls, observe=budget.observe)
    return _Asked(images, found.lock, (), registries, budget)
