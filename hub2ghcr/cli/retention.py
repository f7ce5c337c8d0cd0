"""``hub2ghcr retention``: which versions of packages nothing reaches. It deletes nothing."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from .options import any_stack

if TYPE_CHECKING:
    from ..lock import Lock
    from ..packages.reaching import Policy
    from ..plan import Package
    from ..settings import Settings


@click.command("retention")
@any_stack
@click.option("--output", type=click.Choice(["table", "json"]), default="table", show_default=True)
def command(stack: str, output: Literal["table", "json"]) -> None:
    """Report which versions of packages nothing reaches, and why the others are kept. Deletes nothing.

    The packages are those of the settings, and all that the lock targets. A version is reached by a tag, by the lock of
    any stack, by what an inventory says that runs, and by a kept version that it is part of or attached to.
    `github.packages.NAME.retention` says what is kept besides (`keepDays`), or which tags count (`keepVersions`).

    \b
    Example:
      hub2ghcr retention -s prod

    Exit code 1: a package could not be judged.
    """  # noqa: D301 click reads this very character
    from .. import access
    from ..allowance import Budget
    from ..github import Packages
    from ..github_access import administrator
    from ..lock import Lock
    from ..manifest_store import ManifestStore, default_folder
    from ..packages.anchors import in_use
    from ..packages.retention import Asking, reports
    from ..settings import load
    from .counting import Counting
    from .retention_output import show

    root = Path.cwd()
    settings = load(stack, root)
    wanted = tuple(_wanted(settings, Lock.load(root / settings.images.lock, settings.images.lock)))
    used = in_use(root)
    with (
        administrator(settings, os.environ, lambda line: click.echo(line, err=True)) as github,
        access.registries(settings, os.environ) as registries,
        Counting("looking at packages") as counting,
    ):
        packages = {owner: Packages(github, owner) for owner in {each.owner for each, _ in wanted}}
        manifests = ManifestStore(default_folder(os.environ), Budget())
        asking = Asking(packages, registries.at(settings.home), manifests)
        found = reports(asking, wanted, used, datetime.now(UTC), counting)
    show(found, used.notes, output)
    if any(each.problems for each in found):
        click.get_current_context().exit(1)


def _wanted(settings: Settings, lock: Lock) -> Iterator[tuple[Package, Policy]]:
    """Yield the packages of the settings, and those that the lock targets, sorted."""
    from ..packages.reaching import Policy
    from ..plan import Package
    from ..reference import Reference

    declared = settings.github.packages if settings.github else {}
    owner = settings.github.owner if settings.github else ""
    found = {
        f"{owner}/{name}".lower(): (
            Package(owner, name, settings.home),
            Policy(each.retention.keepVersions, each.retention.keepDays),
        )
        for name, each in declared.items()
    }
    for entry in lock.entries:
        target = Reference.parse(entry.target)
        if target.registry == settings.home:
            login, _, name = target.repository.partition("/")
            found.setdefault(target.repository, (Package(login, name, settings.home), Policy()))
    yield from (found[key] for key in sorted(found))
