"""``hub2ghcr secret make``: a pull Secret as a manifest."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from . import completing, secret_value

if TYPE_CHECKING:
    from ..credentials import Credential


@click.command("make")
@click.argument("name", metavar="NAME")
@click.option("-n", "--namespace", required=True, metavar="NAMESPACE", help="The namespace that pulls with it.")
@click.option(
    "--registry", "registries", multiple=True, metavar="HOST", help="What it opens, maybe HOST/PATH; repeatable."
)
@click.option("--username", "users", multiple=True, metavar="USER", help="Who speaks there: one for each --registry.")
@click.option("--email", "emails", multiple=True, metavar="ADDRESS", help="For registries that ask for one.")
@click.option(
    "--token-file",
    "files",
    multiple=True,
    metavar="FILE",
    shell_complete=completing.files,
    help="The token of each USER; - is standard input.",
)
@click.option(
    "--from-config",
    "config",
    is_flag=False,
    flag_value="",
    metavar="[FILE]",
    shell_complete=completing.files,
    help="Take users and tokens from a config.json (default: where docker and podman login write).",
)
@click.option("--label", "labels", multiple=True, metavar="KEY=VALUE", help="Repeatable.")
@click.option("--annotation", "annotations", multiple=True, metavar="KEY=VALUE", help="Repeatable.")
@click.option(
    "--key", default="", metavar="KEY", help="A generic Secret with this key, which a build mounts: config.json."
)
@click.option("--output", type=click.Choice(["yaml", "json"]), default="yaml", show_default=True)
def command(
    name: str,
    namespace: str,
    registries: tuple[str, ...],
    users: tuple[str, ...],
    emails: tuple[str, ...],
    files: tuple[str, ...],
    config: str | None,
    labels: tuple[str, ...],
    annotations: tuple[str, ...],
    key: str,
    output: Literal["yaml", "json"],
) -> None:
    """Print a Secret of type kubernetes.io/dockerconfigjson. Without --token-file the token is piped in, or asked for.

    \b
    Examples:
      hub2ghcr secret make ghcr -n shop --registry ghcr.io --username acme-bot < token | kubectl apply -f -
      hub2ghcr secret make pull -n shop --from-config --registry ghcr.io --registry docker.io | kubectl apply -f -

    Credential helpers are asked for the registries named; nothing else of a config.json is taken. The output holds the
    tokens: pipe it, and keep it out of Git.
    """  # noqa: D301 click reads this very character
    from ..pull_secrets import opening
    from ..pull_secrets import secret as pull_secret

    if not registries:
        raise click.UsageError("which registry does it open? Name --registry, such as ghcr.io")
    if config is not None:
        if users or emails or files:
            raise click.UsageError("--from-config has users and tokens: leave --username, --email, --token-file out")
        credentials = _of_config(registries, config)
    else:
        credentials = _by_hand(registries, users, emails, files)
    pairs = _pairs("--label", labels), _pairs("--annotation", annotations)
    found = pull_secret.document(name, namespace, credentials, labels=pairs[0], annotations=pairs[1], key=key)
    for registry, credential in sorted(credentials.items()):
        if why := opening.doubt(registry, credential.username, credential.secret):
            click.echo(f"warning: {registry}: {why}", err=True)
    click.echo(_text(found, output), nl=False)


def _of_config(registries: tuple[str, ...], config: str) -> dict[str, Credential]:
    from ..credentials import asked

    return asked(registries, os.environ, Path(config) if config else None)


def _by_hand(
    registries: tuple[str, ...], users: tuple[str, ...], emails: tuple[str, ...], files: tuple[str, ...]
) -> dict[str, Credential]:
    from ..credentials import Credential, registry
    from ..errors import CredentialError
    from ..token_shapes import looks_like_token

    count = len(registries)
    if len(users) != count or len(emails) not in (0, count) or len(files) not in (0, count):
        raise click.UsageError("give each --registry its --username, and --email and --token-file to all or none")
    if files.count("-") > 1 or (count > 1 and not files and not secret_value.terminal()):
        raise click.UsageError("standard input holds one token: give --token-file for each --registry")
    found: dict[str, Credential] = {}
    for index, (host, user) in enumerate(zip(map(registry, registries), users, strict=True)):
        if looks_like_token(user):
            raise CredentialError(
                "is a token where a user name belongs", "--username", remedy="revoke it: it was shown"
            )
        if host in found:
            raise CredentialError("two credentials for one registry", value=host, remedy="keep one")
        token = secret_value.read(files[index] if files else None, f"token of {user} for {host}")
        found[host] = Credential(user, token, emails[index] if emails else "")
    return found


def _pairs(flag: str, texts: tuple[str, ...]) -> dict[str, str]:
    pairs = [text.partition("=") for text in texts]
    for key, equals, _ in pairs:
        if not equals:
            raise click.UsageError(f"{flag} {key}: write KEY=VALUE")
    if len({key for key, _, _ in pairs}) != len(pairs):
        raise click.UsageError(f"{flag}: a key stands there twice")
    return {key: value for key, _, value in pairs}


def _text(found: dict[str, object], output: Literal["yaml", "json"]) -> str:
    import json

    from .. import documents

    return json.dumps(found, indent=2) + "\n" if output == "json" else documents.dump([found])
