"""``hub2ghcr build``: an image from a folder of this machine, built in a cluster."""

from __future__ import annotations

import json
import os
import secrets
import signal
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

import click

from . import completing
from .options import any_stack

if TYPE_CHECKING:
    from ..platforms.kaniko.build import Build
    from ..platforms.kaniko.building import Built

SCHEMA: Final = 1
"""The version of the JSON output."""
INTERRUPTED: Final = 130


def _pairs(_: click.Context, __: click.Parameter, texts: tuple[str, ...]) -> dict[str, str]:
    split = [text.partition("=") for text in texts]
    if wrong := [text for text, (key, equals, _) in zip(texts, split, strict=True) if not key or not equals]:
        raise click.BadParameter(f"write KEY=VALUE, not {wrong[0]}")
    return {key: value for key, _, value in split}


@click.command("build")
@click.argument("folder", metavar="FOLDER", shell_complete=completing.folders)
@click.option("--image", required=True, metavar="NAME", help="What it is pushed as: ghcr.io/acme/shop, or with :TAG.")
@any_stack
@click.option("--cluster", metavar="NAME", help="A cluster of the stack (default: the only one).")
@click.option("-n", "--namespace", required=True, metavar="NS", help="Where its Job runs.")
@click.option("--tag", "tags", multiple=True, metavar="TAG", help="A tag; repeatable (default: that of --image).")
@click.option("-f", "--dockerfile", default="Dockerfile", show_default=True, metavar="FILE", help="Inside FOLDER.")
@click.option("--sub-path", default="", metavar="PATH", help="The folder inside FOLDER that is built.")
@click.option("--platform", default="", metavar="OS/ARCH", help="Such as linux/arm64 (default: the node's).")
@click.option(
    "--build-arg", "args", multiple=True, callback=_pairs, metavar="KEY=VALUE", help="No secrets; repeatable."
)
@click.option("--executor", metavar="IMAGE", help="kaniko's image, with a shell (default: its last release).")
@click.option("--service-account", default="", metavar="NAME", help="That of the Pod.")
@click.option("--timeout", type=click.IntRange(1), default=1800, show_default=True, metavar="S", help="In seconds.")
@click.option("--keep", is_flag=True, help="Leave the Job with its log for an hour; its Secret goes in any case.")
@click.option("--output", type=click.Choice(["text", "json"]), default="text", show_default=True)
def command(
    folder: str,
    stack: str,
    cluster: str | None,
    namespace: str,
    keep: bool,
    output: Literal["text", "json"],
    **how: Any,
) -> None:
    """Build FOLDER (or a .tar.gz) in a cluster with kaniko, push it to GHCR, and prove that it is there.

    The Dockerfile and what it copies are looked for before anything starts. The log goes to stderr, the reference with
    its digest to stdout. Job and Secret are gone in the end, after a failure and Ctrl-C too.

    \b
    Examples:
      hub2ghcr build . --image ghcr.io/acme/shop:1.4 -s prod -n builds
      hub2ghcr build shop.tar.gz --image ghcr.io/acme/shop --tag 1.4 --tag latest -s prod -n builds

    Exit codes: 0 pushed; 1 not; 2 wrong use; 130 interrupted.
    """  # noqa: D301 click reads this very character
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        made = built(_wanted(folder, **how), stack, cluster, namespace, keep=keep)
    except KeyboardInterrupt:
        click.echo("interrupted: the build was taken away", err=True)
        click.get_current_context().exit(INTERRUPTED)
    if output == "json":
        click.echo(json.dumps({"version": SCHEMA, "digest": made.digest, "references": made.references}, indent=2))
    else:
        for each in made.references:
            click.echo(each)


def _wanted(
    folder: str,
    image: str,
    tags: tuple[str, ...],
    dockerfile: str,
    sub_path: str,
    platform: str,
    args: dict[str, str],
    executor: str | None,
    service_account: str,
    timeout: int,
) -> Build:
    from ..errors import InvalidReference
    from ..platforms.kaniko.build import EXECUTOR, Build, Context
    from ..reference import Reference

    try:
        named = Reference.parse(image)
    except InvalidReference as error:
        raise click.UsageError(f"--image {image}: {error}") from None
    for tag in tags:
        try:
            Reference.parse(f"{named.name}:{tag}")
        except InvalidReference as error:
            raise click.UsageError(f"--tag {tag}: {error}") from None
    if named.digest:
        raise click.UsageError(f"--image {image}: a digest is what a build tells, not what it is given")
    wanted = tuple(dict.fromkeys((*([named.tag] if named.tag else []), *tags)))
    if not wanted:
        raise click.UsageError("no tag: give --tag, or --image with one")
    context = Context("folder" if Path(folder).is_dir() else "archive", folder)
    name = named.name.rpartition("/")[2].replace(".", "-").replace("_", "-")[:40].strip("-") or "build"
    return Build(
        name,
        context,
        named.name,
        wanted,
        dockerfile=dockerfile,
        sub_path=sub_path,
        platform=platform,
        args=args,
        executor=executor or EXECUTOR,
        service_account=service_account,
        timeout=timeout,
    )


def built(wanted: Build, stack: str, cluster: str | None, namespace: str, *, keep: bool) -> Built:
    """Check a build, then run it in a cluster of a stack, with what the stack pushes with."""
    from .. import access, cluster_access, settings
    from ..platforms.kaniko import building
    from ..platforms.kaniko.local import ready

    declared = settings.load(stack, Path.cwd())
    names = [each.name for each in declared.clusters]
    chosen = cluster or (names[0] if len(names) == 1 else "")
    if chosen not in names:
        raise click.UsageError(f"name a cluster of the stack with --cluster: {', '.join(names) or 'it has none'}")
    host, _, repository = wanted.image.partition("/")
    if host not in declared.homes:
        raise click.UsageError(f"--image {wanted.image}: is no name on GHCR: write ghcr.io/OWNER/NAME")
    with ExitStack() as opened:
        made = opened.enter_context(ready(wanted, Path.cwd()))
        for note in made.notes:
            click.echo(f"note: {note}", err=True)
        push = access.push_credential(declared, host, repository, os.environ)
        registry = opened.enter_context(access.pusher(declared, host, push)).at(host)
        reached = cluster_access.one(declared, chosen, os.environ, opened)
        site = building.Site(reached, namespace, registry, push, lambda line: click.echo(line, err=True))
        # two who build the same at once are not to end each other's
        name = made.build.object_name(secrets.token_hex(4))
        click.echo(f"building {', '.join(wanted.destinations)} as Job {namespace}/{name} of {chosen}", err=True)
        return building.build(made.build, site, made.archive, name=name, keep=keep)
