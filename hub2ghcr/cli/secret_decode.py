"""``hub2ghcr secret decode``: what pull Secrets open, and as whom."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

import click

from ..walking import STREAM
from . import completing

if TYPE_CHECKING:
    from ..pull_secrets.secret import PullSecret

SCHEMA: Final = 1
"""The version of the JSON output."""


@click.command("decode")
@click.argument("source", default=STREAM, metavar="[FILE|-|NAME]", shell_complete=completing.files)
@click.option(
    "-s",
    "--stack",
    metavar="STACK",
    shell_complete=completing.stacks,
    help="Read the Secret NAME from a cluster of stacks/Pulumi.STACK.yaml.",
)
@click.option("--cluster", "cluster", metavar="CLUSTER", help="Which of its clusters, where it has several.")
@click.option("-n", "--namespace", metavar="NAMESPACE", help="Where the Secret is.")
@click.option(
    "--check", "checks", multiple=True, metavar="HOST", help="Fail unless it opens a host, or an image; repeatable."
)
@click.option("--output", type=click.Choice(["table", "json"]), default="table", show_default=True)
def command(
    source: str,
    stack: str | None,
    cluster: str | None,
    namespace: str | None,
    checks: tuple[str, ...],
    output: Literal["table", "json"],
) -> None:
    """Show which registries pull Secrets open for a kubelet, and as whom. Passwords and tokens are never shown.

    Read are Secrets of both types as kubectl prints them, alone or in lists, and a bare config.json or .dockercfg.

    \b
    Examples:
      kubectl get secret hub2ghcr-ghcr -n shop -o yaml | hub2ghcr secret decode
      kubectl get secrets -A -o json | hub2ghcr secret decode - --check ghcr.io
      hub2ghcr secret decode hub2ghcr-ghcr -s prod -n shop
    """  # noqa: D301 click reads this very character
    from ..errors import Hub2GhcrError, raise_all
    from ..pull_secrets import opening, reading

    if stack is not None:
        if source == STREAM or namespace is None:
            raise click.UsageError("--stack reads from a cluster: give NAME and --namespace")
        found = reading.Read((_live(stack, cluster, namespace, source),), ())
    elif cluster is not None or namespace is not None:
        raise click.UsageError("--cluster and --namespace are for --stack")
    else:
        found = reading.read(source, "standard input" if source == STREAM else source)
    show(found.secrets, output)
    problems: list[Hub2GhcrError] = [*found.problems]
    for each in checks:
        try:
            opening.check(found.secrets, each)
        except Hub2GhcrError as error:
            problems.append(error)
    raise_all(problems)


def _live(stack: str, cluster: str | None, namespace: str, name: str) -> PullSecret:
    from .. import cluster_access, settings
    from ..errors import SettingsError
    from ..pull_secrets import reading

    found = settings.load(stack, Path.cwd())
    names = [each.name for each in found.clusters]
    wanted = names[0] if cluster is None and len(names) == 1 else cluster
    if wanted not in names:
        there = ", ".join(names) or "none"
        raise SettingsError("which cluster?", f"stack {stack}", cluster or "", f"--cluster takes one of: {there}")
    one = found.model_copy(update={"clusters": tuple(each for each in found.clusters if each.name == wanted)})
    with ExitStack() as opened:
        (reached,) = cluster_access.declared(one, os.environ, opened).values()
        return reading.of_cluster(reached, namespace, name)


def show(secrets: Sequence[PullSecret], output: Literal["table", "json"]) -> None:
    """Print what each Secret opens, sorted by namespace and name."""
    from ..pull_secrets.opening import openings

    secrets = sorted(secrets, key=lambda each: (each.namespace, each.name))
    if output == "json":
        click.echo(json.dumps({"version": SCHEMA, "secrets": [_data(each) for each in secrets]}, indent=2))
        return
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table("secret", "key", "opens", "as", "with", "but", box=None, pad_edge=False)
    for secret in secrets:
        for each in openings(secret) or ():
            row = (secret.place or "-", each.key, each.opens, each.user or "-", each.kind, each.doubt or "-")
            table.add_row(*map(Text, row))
        if not secret.entries:
            table.add_row(secret.place or "-", "-", "nothing", "-", "-", "it lists no registry")
    if secrets:
        # A pipe has no width of its own: no line is broken there.
        Console(width=None if sys.stdout.isatty() else 400).print(table)


def _data(secret: PullSecret) -> dict[str, Any]:
    from dataclasses import asdict

    from ..pull_secrets.opening import openings

    return {
        "namespace": secret.namespace,
        "name": secret.name,
        "type": secret.type,
        "entries": [asdict(each) for each in openings(secret)],
    }
