"""``hub2ghcr rewrite``: the same files with their images on GHCR."""

from __future__ import annotations

from typing import Literal

import click

from . import completing
from .options import one_source, rules


@click.command("rewrite")
@click.argument("paths", nargs=-1, metavar="[PATH...|-]", shell_complete=completing.files)
@rules
@click.option("--pin", is_flag=True, help="Write tag@digest from the lock; what is not locked stays, and is a problem.")
@click.option(
    "--lock",
    metavar="FILE",
    shell_complete=completing.files,
    help="The lock for --pin (default: the settings', else images.lock.yaml).",
)
@click.option("--diff", "mode", flag_value="diff", help="Show what would change, for git apply.")
@click.option("--check", "mode", flag_value="check", help="Name the files that would change; exit code 1 if any.")
@click.option("--in-place", "mode", flag_value="in-place", help="Replace each file in one step; its mode is kept.")
def command(
    paths: tuple[str, ...],
    maps: tuple[str, ...],
    config: str | None,
    stack: str | None,
    pin: bool,
    lock: str | None,
    mode: Literal["diff", "check", "in-place"] | None,
) -> None:
    """Write files with their images moved to GHCR, on standard output unless told otherwise. Nothing else changes.

    Without PATH the current folder is read. Several files on standard output become one stream of YAML documents.
    Docker Hub images that no rule names stay, and each is noted on stderr.

    \b
    Examples:
      hub2ghcr rewrite deploy/ --map 'docker.io/*=ghcr.io/acme/*' --diff
      helm template … | hub2ghcr rewrite - -s prod --pin | kubectl apply -f -

    Exit codes: 0 done, 1 --check found what would change, 2 some files could not be understood or images not be moved
    (one line each on stderr; the other files are done), or wrong use.
    """  # noqa: D301 click reads this very character
    from .. import rules as rules_
    from ..errors import Hub2GhcrError
    from ..running import Run
    from . import rewrite_output, told

    one_source(config, stack)
    if not (maps or config or stack):
        raise click.UsageError("which image moves where? Name --map, --config or --stack")
    if lock is not None and not pin:
        raise click.UsageError("--lock is for --pin")
    if mode == "in-place" and "-" in paths:
        raise click.UsageError("a stream has no place: leave --in-place out")
    try:
        found = rules_.load(maps, config, stack)
        locked = rules_.locked(lock or found.lock) if pin else None
    except Hub2GhcrError as error:
        told.finish([error])
    run = Run(paths or (".",), found.mapping, locked, found.places)
    changed = rewrite_output.WRITERS[mode or "stream"](run)
    told.finish(run.problems, run.notes, told.CHANGES if mode == "check" and changed else told.OK)
