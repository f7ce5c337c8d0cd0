"""How the value of a secret enters a command: by a file, by standard input, or at a prompt."""

from __future__ import annotations

import sys

import click

from ..errors import CredentialError, Hub2GhcrError
from ..walking import STREAM


def read(file: str | None, whose: str) -> str:
    """Return a value from a file (``-``: standard input), else from what is piped in, else from a prompt.

    The line break at its end is left out: every editor and `echo` write one.

    Args:
        file: as it was given, None if it was not.
        whose: what the prompt and errors call it.

    Raises:
        Hub2GhcrError: it cannot be read, or is empty.
    """
    if file is None and terminal():
        text = str(click.prompt(whose, hide_input=True, err=True, default="", show_default=False))
        place = "prompt"
    else:
        place = "standard input" if file in (None, STREAM) else str(file)
        text = _of_file(file or STREAM, place)
    if not text:
        raise CredentialError("is empty", f"{place}: {whose}", remedy="nothing was sent or written")
    return text


def terminal() -> bool:
    """Tell whether somebody can be asked."""
    return sys.stdin.isatty()


def _of_file(file: str, place: str) -> str:
    from .. import files

    try:
        text = files.read(file, place).decode()
    except UnicodeDecodeError:
        raise CredentialError("is not UTF-8 text", place, remedy="give the token alone") from None
    except Hub2GhcrError as error:
        raise CredentialError.of(error) from None
    return text.removesuffix("\n").removesuffix("\r")
