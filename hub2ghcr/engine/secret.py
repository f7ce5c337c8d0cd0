"""One value of a stack's configuration in plain, for whoever has to speak to a cluster as the stack does."""

from __future__ import annotations

from pathlib import Path

from pulumi.automation import CommandError

from ..errors import EngineError
from .command import Command
from .explaining import plain


def secret(stack: str, root: Path, key: str) -> str:
    """Return what ``pulumi config set --secret hub2ghcr:KEY`` has set.

    It goes through a pipe alone: no command line, no file and no exception has it.

    Args:
        stack: the stack.
        root: the project's folder.
        key: without its ``hub2ghcr:``.

    Raises:
        EngineError: there is none, or the stack's secrets cannot be opened here.
    """
    try:
        done = Command().run(["config", "get", f"hub2ghcr:{key}", "--stack", stack], str(root), {})
    except CommandError as error:
        said = plain(stack, str(error).partition("\n stderr: ")[2])
        raise EngineError(said[0] if said else "the engine does not give it", f"stack {stack}", key) from None
    return str(done.stdout).strip()
