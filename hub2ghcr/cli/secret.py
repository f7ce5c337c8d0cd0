"""``hub2ghcr secret``: pull Secrets and the values of credentials, by hand."""

from __future__ import annotations

from typing import Final

import click

from .lazy import Lazy

COMMANDS: Final = {
    "decode": "Show what a pull Secret opens, and as whom; never a password.",
    "make": "Print a pull Secret for kubectl apply.",
    "set": "Put the value of a credential into a stack's encrypted configuration.",
}


@click.group("secret", cls=Lazy, modules={name: (f"{__name__}_{name}", line) for name, line in COMMANDS.items()})
def command() -> None:
    """Make and read pull Secrets by hand, and set the values of a stack's credentials.

    Values come from files, standard input, a prompt, or what `docker login` stored. No flag takes one: what stands on a
    command line is in the shell's history and in everybody's process list.

    \b
    Examples:
      hub2ghcr secret set ghcr-push -s prod < token
      hub2ghcr secret make ghcr -n shop --registry ghcr.io --username acme-bot < token | kubectl apply -f -
      kubectl get secrets -A -o json | hub2ghcr secret decode - --check ghcr.io
    """  # noqa: D301 click reads this very character
