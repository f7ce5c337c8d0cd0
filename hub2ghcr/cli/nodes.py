"""``hub2ghcr nodes``: the files by which nodes pull names of other registries from GHCR."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

import click

from . import completing
from .options import any_stack

if TYPE_CHECKING:
    from ..credential_ref import CredentialRef
    from ..credentials import Credential
    from ..errors import ManifestError
    from ..platforms.containerd import NodeMirror
    from ..platforms.containerd.files import NodeFile

SCHEMA: Final = 1
"""The version of the JSON output."""


@click.command("nodes")
@any_stack
@click.option("--cluster", "only", metavar="NAME", help="That cluster alone (default: all with a nodeMirror).")
@click.option(
    "--out", type=click.Path(path_type=Path), metavar="FOLDER", help="Write them: FOLDER/CLUSTER/PATH-ON-NODE."
)
@click.option("--credentials", is_flag=True, help="With the value of a private mirror's credential; needs --out.")
@click.option(
    "--check",
    "looked",
    metavar="FILE",
    shell_complete=completing.files,
    help="Say what keeps a node's config.toml from reading them.",
)
@click.option("--output", type=click.Choice(["text", "json"]), default="text", show_default=True)
def command(
    stack: str,
    only: str | None,
    out: Path | None,
    credentials: bool,
    looked: str | None,
    output: Literal["text", "json"],
) -> None:
    """Give the files of `clusters[].nodeMirror`: containerd's hosts.toml, or the registries.yaml of k3s and RKE2.

    \b
    Examples:
      hub2ghcr nodes -s prod                             # show them, and what each needs a restart for
      hub2ghcr nodes -s prod --out nodes --credentials   # write them, to be copied to every node
      hub2ghcr nodes -s prod --check config.toml         # does a node read them? With its own file

    hosts.toml is read at each pull. What is written with --credentials holds a token: mode 0600, and not for Git.
    A part of a file has .part behind its name: add it to the node's own.
    With `delivery: daemonset` runs write hosts.toml themselves; the other files stay yours.

    Exit codes: 0 done, 1 problems, or --check found some.
    """  # noqa: D301 click reads this very character
    from ..errors import SettingsError, raise_all
    from ..plan import of_stack
    from ..platforms.containerd.files import files

    if credentials and out is None:
        raise click.UsageError("--credentials writes tokens to files: say where with --out")
    clusters = {each.name: each.node_mirror for each in of_stack(stack, Path.cwd()).plan.clusters}
    mirrors = {name: each for name, each in clusters.items() if each and only in (None, name)}
    if not mirrors:
        known = ", ".join(name for name, each in clusters.items() if each) or "none has one"
        remedy = f"those with a nodeMirror: {known}"
        raise SettingsError("no such cluster with a nodeMirror", "clusters", only or stack, remedy)
    if looked is not None:
        raise_all(_obstacles(looked, mirrors))
        click.echo(f"{looked}: hosts.toml files of {', '.join(mirrors)} are read")
        return
    found = {}
    for name, each in mirrors.items():
        value = _value(each.login) if credentials and each.login else None
        found[name] = files(each, value)
    if out is not None:
        for name, made in found.items():
            for each_file in made:
                _write(_written(out / name, each_file), each_file)
    click.echo(_json(found) if output == "json" else _text(found, mirrors, out))


def _obstacles(place: str, mirrors: Mapping[str, NodeMirror]) -> Iterator[ManifestError]:
    from ..files import read
    from ..platforms.containerd.reading import obstacles

    text = read(place, place).decode(errors="replace")
    for each in mirrors.values():
        yield from obstacles(text, place, each)


def _value(login: CredentialRef) -> Credential:
    from ..credentials import from_environment, variable
    from ..errors import CredentialError

    found = from_environment(login.username, login.secret_key, os.environ)
    if found is None:
        remedy = f"set {variable(login.secret_key)}"
        raise CredentialError("the value of the mirror's credential is not here", "nodeMirror", login.name, remedy)
    return found


def _written(out: Path, file: NodeFile) -> Path:
    """Return where a file goes; a part of one not under its name, so that a folder may be copied over a node."""
    return out / (file.path.lstrip("/") + (".part" if file.part else ""))


def _write(path: Path, file: NodeFile) -> None:
    from ..files import replace

    path.parent.mkdir(parents=True, exist_ok=True)
    if file.secret:
        path.touch(mode=0o600)
        path.chmod(0o600)
    replace(str(path), file.text.encode(), str(path))


def _json(found: Mapping[str, Sequence[NodeFile]]) -> str:
    clusters = {
        name: [
            {"path": each.path, "text": None if each.secret else each.text, "part": each.part, "restart": each.restart}
            for each in made
        ]
        for name, made in found.items()
    }
    return json.dumps({"version": SCHEMA, "clusters": clusters}, indent=2, sort_keys=True)


def _text(found: Mapping[str, Sequence[NodeFile]], mirrors: Mapping[str, NodeMirror], out: Path | None) -> str:
    from ..platforms.containerd.restarting import notes

    lines = []
    for name, made in found.items():
        for each in made:
            read = f"needs `{each.restart}`" if each.restart else "needs no restart"
            part = ", to be added to what is there" if each.part else ""
            written = f"written: {_written(out / name, each)}" if out is not None else f"{name}: {each.path}"
            lines.append(f"# {written} ({read}{part})")
            if out is None:
                lines += [each.text.rstrip(), ""]
        lines += [f"# {name}: {note}" for note in notes(mirrors[name])]
    return "\n".join(lines)
