"""``hub2ghcr init``: a repository of the user's own, from a scan."""

from __future__ import annotations

from pathlib import Path

import click

from . import completing


@click.command("init")
@click.argument("paths", nargs=-1, metavar="[PATH...|-]", shell_complete=completing.files)
@click.option(
    "--dir",
    "folder",
    default=".",
    show_default=True,
    metavar="DIR",
    shell_complete=completing.folders,
    help="Where the files are written.",
)
@click.option("--owner", required=True, metavar="OWNER", help="The GitHub owner of the packages: ghcr.io/OWNER/….")
@click.option("-s", "--stack", required=True, metavar="STACK", help="The name of the first stack.")
def command(paths: tuple[str, ...], folder: str, owner: str, stack: str) -> None:
    """Begin a repository of your own from what a scan of PATH (default: the current folder) finds.

    Writes Pulumi.yaml, __main__.py, requirements.txt and stacks/Pulumi.STACK.yaml with mapping rules and to-dos. What
    is there already is left as it is. To upgrade later, change the version in requirements.txt.

    \b
    Examples:
      hub2ghcr init --owner acme -s prod
      hub2ghcr init deploy/ --dir ../fleet --owner acme -s prod

    Exit codes: 0 done, 2 some files could not be understood or written (one line each on stderr), or wrong use.
    """  # noqa: D301 click reads this very character
    import re
    from importlib.metadata import PackageNotFoundError, version

    from .. import initial
    from ..errors import Hub2GhcrError
    from ..mapping import Mapping
    from ..scanning import scan
    from . import told

    try:
        release = version("hub2ghcr")
    except PackageNotFoundError:
        raise click.UsageError("hub2ghcr is not installed, so there is no version to pin") from None
    project = re.sub(r"[^A-Za-z0-9_.-]", "-", Path(folder).resolve().name) or "hub2ghcr"
    scanned = scan(paths or (".",), Mapping(()))
    try:
        written, kept = initial.write(initial.files(scanned, owner, stack, release, project), Path(folder))
    except Hub2GhcrError as error:
        told.finish([error])
    for file in written:
        click.echo(f"written: {file.path}")
    for file in kept:
        click.echo(f"kept: {file.path} (it was there)")
    click.echo(f"next: read stacks/Pulumi.{stack}.yaml, then `hub2ghcr plan -s {stack}`")
    told.finish(scanned.problems)
