"""Secrets that somebody else has set since: GitHub tells when, never what, and pulumi-github only takes note of it."""

from collections.abc import Sequence
from typing import Any

import pulumi


def tell(secret: Any, place: str, name: str, flags: str) -> None:
    """Warn of a secret that was changed by others, as far as the state knows: a refresh asks GitHub.

    Args:
        secret: the resource, of any kind of pulumi-github's.
        place: whose it is, for the message.
        name: of the secret.
        flags: of ``gh secret delete`` for its kind.
    """

    def compare(found: Sequence[Any]) -> None:
        ours, theirs = found
        if ours and theirs and ours != theirs:
            what = f"{place}: secret {name} was set by somebody else at {theirs}, and is left so"
            remedy = f"to have it set again: gh secret delete {name} {flags}, then pulumi up --refresh"
            pulumi.log.warn(f"{what}; {remedy}", secret)

    pulumi.Output.all(secret.updated_at, secret.remote_updated_at).apply(compare)
