"""``hub2ghcr scan``: every image that files name."""

from __future__ import annotations

from typing import Literal

import click

from . import completing
from .options import one_source, rules


@click.command("scan")
@click.argument("paths", nargs=-1, metavar="[PATH...|-]", shell_complete=completing.files)
@rules
@click.option("--output", type=click.Choice(["table", "json", "markdown"]), default="table", show_default=True)
def command(
    paths: tuple[str, ...],
    maps: tuple[str, ...],
    config: str | None,
    stack: str | None,
    output: Literal["table", "json", "markdown"],
) -> None:
    """Show every image that files, folders and streams name: where, how often, and where it moves or why not.

    Reads Kubernetes manifests, kustomizations, Helm values, Compose files, Dockerfiles and GitHub workflows; without
    PATH the current folder. Nothing is written, and no registry or cluster is asked.

    \b
    Examples:
      kubectl get deploy,sts,ds,cj -A -o yaml | hub2ghcr scan -
      helm template … | hub2ghcr scan - --map 'docker.io/*=ghcr.io/acme/*'

    Exit codes: 0 done, 2 some files could not be understood (one line each on stderr), or wrong use.
    """  # noqa: D301 click reads this very character
    from .. import rules as rules_
    from ..errors import Hub2GhcrError
    from ..scanning import scan
    from . import scan_output, told

    one_source(config, stack)
    try:
        found = rules_.load(maps, config, stack)
    except Hub2GhcrError as error:
        told.finish([error])
    scanned = scan(paths or (".",), found.mapping, found.places)
    click.echo(
        {"table": scan_output.table, "json": scan_output.as_json, "markdown": scan_output.markdown}[output](scanned)
    )
    told.finish(scanned.problems, scanned.notes)
