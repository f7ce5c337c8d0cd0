"""``hub2ghcr lock``: resolve a stack's images and write the lock file."""

from __future__ import annotations

import os
from pathlib import Path

import click

from .options import archives, stack


@click.command("lock")
@stack
@archives
@click.option("--update", is_flag=True, help="Follow tags that stand for another digest now.")
@click.option("--check", is_flag=True, help="Write nothing; exit code 1 if the lock would change.")
def command(stack: str, archives: tuple[str, ...], update: bool, check: bool) -> None:
    """Resolve the images that the manifests of a stack name, and write their digests and targets to the lock file.

    A locked image keeps its digest. Tags that have moved since are shown, and followed with --update.
    """
    from .. import access, resolving, settings
    from ..archives import Archives
    from ..errors import LockError
    from ..lock import Lock
    from ..wanted import wanted

    root = Path.cwd()
    found = settings.load(stack, root)
    path = root / found.images.lock
    before = Lock.load(path, found.images.lock)
    sources = Archives(map(Path, (*found.images.archives, *archives)))
    with access.registries(found, os.environ) as registries:
        resolutions = resolving.resolve(wanted(found, root), before, registries, archives=sources, update=update)
    after = resolving.locked(before, resolutions)
    for each in resolutions:
        if each.state != "unchanged":
            click.echo(_line(each))
    changed = after.entries != before.entries
    if changed and not check:
        after.dump(path)
    state = "unchanged" if not changed else "would change" if check else "written"
    click.echo(f"{found.images.lock}: {len(resolutions)} images of this stack, {state}")
    if check and changed:
        raise LockError("not up to date", found.images.lock, remedy=f"`hub2ghcr lock -s {stack}`")


def _line(each: object) -> str:
    from ..resolving import Resolution

    assert isinstance(each, Resolution)
    match each.state:
        case "added":
            return f"added: {each.source} {each.found} -> {each.entry.target}"
        case "retargeted":
            return f"retargeted: {each.source} {each.before} -> {each.entry.target}"
        case "followed":
            return f"updated: {each.source} {each.before} -> {each.found}"
    return f"moved: {each.source} {each.before} -> {each.found} (the locked digest stays; take the new with --update)"
