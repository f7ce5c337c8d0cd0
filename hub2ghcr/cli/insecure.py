"""``hub2ghcr insecure``: let a machine pull from registries without TLS."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Literal

import click

from . import completing

if TYPE_CHECKING:
    from ..platforms.microk8s.insecure import Change

SCHEMA = 1
"""The version of the JSON output."""


@click.command("insecure")
@click.argument("hosts", nargs=-1, required=True, metavar="HOST[=URL]...")
@click.option(
    "--certs-d",
    "certs",
    metavar="FOLDER",
    shell_complete=completing.folders,
    help="containerd's config_path: a hosts.toml for each registry.",
)
@click.option(
    "--docker", metavar="FILE", shell_complete=completing.files, help="Docker's daemon.json: its insecure-registries."
)
@click.option("--check", "mode", flag_value="check", help="Name the files that would change; exit code 1 if any.")
@click.option("--in-place", "mode", flag_value="in-place", help="Write them, each in one step.")
@click.option("--output", type=click.Choice(["text", "json"]), default="text", show_default=True)
def command(
    hosts: tuple[str, ...],
    certs: str | None,
    docker: str | None,
    mode: Literal["check", "in-place"] | None,
    output: Literal["text", "json"],
) -> None:
    """Let this machine pull from registries without TLS, such as MicroK8s' registry add-on under a node's address.

    Without --in-place the changes are shown, for git apply, and nothing is written. What others wrote stays; a file
    that cannot be merged is refused. URL is where HOST is (default http://HOST); of an https one the certificate is
    not looked at. Run it on each node, as root.

    \b
    Examples:
      hub2ghcr insecure 10.0.0.5:32000 --certs-d /var/snap/microk8s/current/args/certs.d --in-place
      hub2ghcr insecure 10.0.0.5:32000 --docker /etc/docker/daemon.json

    Exit codes: 0 done, 1 a file cannot be merged or written, or --check found what would change, 2 wrong use.
    """  # noqa: D301 click reads this very character
    from ..platforms.microk8s import insecure

    if certs is None and docker is None:
        raise click.UsageError(
            "which files? Name --certs-d FOLDER, --docker FILE or both; the folder is"
            " /var/snap/microk8s/current/args/certs.d for MicroK8s, /etc/containerd/certs.d elsewhere"
        )
    found = insecure.changes(_urls(hosts), certs, docker)
    for each in found if mode == "in-place" else ():
        if each.changes:
            insecure.write(each)
    if output == "json":
        click.echo(_as_json(found, written=mode == "in-place"))
    else:
        _show(found, mode)
    if mode == "check" and any(each.changes for each in found):
        click.get_current_context().exit(1)


def _urls(hosts: tuple[str, ...]) -> dict[str, str]:
    import re

    urls: dict[str, str] = {}
    for text in hosts:
        host, equals, url = text.partition("=")
        if not re.fullmatch(r"[a-z0-9][a-z0-9.-]*(?::\d+)?", host):
            raise click.UsageError(f"{host}: write a registry's host, such as 10.0.0.5:32000")
        urls[host] = url.rstrip("/") if equals else f"http://{host}"
        if not re.fullmatch(r"https?://[^/\s@?#\"]+", urls[host]):
            raise click.UsageError(f"{text}: write HOST=URL with a URL such as http://10.0.0.5:32000")
    return urls


def _show(found: tuple[Change, ...], mode: str | None) -> None:
    from ..diff import unified

    for each in found:
        if not each.changes:
            click.echo(f"unchanged: {each.path}", err=mode is None)
        elif mode is None:
            click.echo(unified(each.before.encode(), each.after.encode(), each.path), nl=False)
        else:
            click.echo(f"{'written' if mode == 'in-place' else 'would write'}: {each.path}")
        if each.changes:
            click.echo(f"{each.path}: {each.needs}", err=mode is None)


def _as_json(found: tuple[Change, ...], *, written: bool) -> str:
    files = [
        {"path": each.path, "changes": each.changes, "text": each.after, "needs": each.needs if each.changes else None}
        for each in found
    ]
    return json.dumps({"version": SCHEMA, "written": written, "files": files}, indent=2, sort_keys=True)
