"""``hub2ghcr secret set``: the value of a credential, into a stack's encrypted configuration."""

from __future__ import annotations

import os
from pathlib import Path

import click

from . import completing, options, secret_value


@click.command("set")
@click.argument("name", metavar="CREDENTIAL")
@click.argument("stdin", required=False, type=click.Choice(["-"]), metavar="[-]")
@options.stack
@click.option("--file", "file", metavar="FILE", shell_complete=completing.files, help="Take the value from a file.")
@click.option(
    "--from-config",
    "config",
    is_flag=False,
    flag_value="",
    metavar="[FILE]",
    shell_complete=completing.files,
    help="Take it from a config.json (default: where docker and podman login write), for --registry.",
)
@click.option("--registry", metavar="HOST", help="Whose token --from-config takes.")
def command(
    name: str, stdin: str | None, stack: str, file: str | None, config: str | None, registry: str | None
) -> None:
    """Set the value of a credential of stacks/Pulumi.STACK.yaml with `pulumi config set --secret`.

    Without --file and --from-config the value is what is piped in (-), or is asked for. It is encrypted by the stack's
    own secrets provider, and is shown nowhere.

    \b
    Examples:
      hub2ghcr secret set ghcr-push -s prod < token
      hub2ghcr secret set hub-pull -s prod --from-config --registry docker.io
    """  # noqa: D301 click reads this very character
    from .. import stack_value

    if (config is None) != (registry is None):
        raise click.UsageError("--from-config and --registry belong together")
    if sum(given is not None for given in (stdin, file, config)) > 1:
        raise click.UsageError("one value, one place: -, --file or --from-config")
    root = Path.cwd()
    wanted = stack_value.declared(stack, name, root)
    if registry is not None:
        from ..credentials import asked

        (credential,) = asked([registry], os.environ, Path(config) if config else None).values()
        value = stack_value.of_user(credential, wanted, name)
    else:
        value = secret_value.read(file or stdin, f"token of {wanted.username}")
    key = stack_value.store(stack, wanted, value, root)
    click.echo(f"set {key} in stack {stack}: the value of {name}, who is {wanted.username}")
