"""With what workflows sign in to GHCR."""

from __future__ import annotations

import re
from typing import Final, Literal

from .texts import Origin
from .uses import Given

USERNAME: Final = "${{ github.actor }}"

PAT: Final = "${{ secrets.CR_PAT }}"  # the name of an Actions secret


def password(flavour: Literal["token", "pat"], secrets: bool) -> str:
    """Return the expression of a password; a composite action cannot read ``secrets`` and has the token elsewhere."""
    if flavour == "pat":
        return PAT
    return "${{ secrets.GITHUB_TOKEN }}" if secrets else "${{ github.token }}"


def place(given: Given, data: bytes, uses: int) -> Origin:
    """Return where a credential is written anew: where its variable is set, if nothing else in the file uses that.

    Args:
        given: the credential.
        data: the file that uses it.
        uses: places that sign in with the same variable.
    """
    chunks = given.text.chunks
    if len(chunks) != 1 or chunks[0].use is None or chunks[0].origin.file != given.place.file:
        return given.place
    names = re.findall(rb"[A-Za-z_]\w*", chunks[0].use.text.encode())
    if not names:
        return given.place
    named = rb"(?<![\w.-])(?:env\.)?" + names[-1] + rb"(?![\w-])"
    return chunks[0].origin if len(re.findall(named, data)) == uses + 1 else given.place
