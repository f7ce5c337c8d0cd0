"""The stacks that the engine's backend has."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from pulumi.automation import CommandError

from .command import Command
from .explaining import plain
from .run import Failed, stderr


def begin(stacks: Iterable[str], root: Path) -> tuple[str, ...]:
    """Begin those stacks that the backend does not have, and return their names; no stack is selected by it.

    Args:
        stacks: names.
        root: the project's folder.

    Raises:
        EngineError: there is no ``pulumi``.
        Failed: the engine refuses.
    """
    command = Command()
    there = {str(each["name"]).rpartition("/")[2] for each in json.loads(_called(command, root, "ls", "--json"))}
    missing = tuple(sorted(set(stacks) - there))
    for stack in missing:
        _called(command, root, "init", "--stack", stack, "--no-select", stack=stack)
    return missing


def _called(command: Command, root: Path, *arguments: str, stack: str = "") -> str:
    try:
        return str(command.run(["stack", *arguments], str(root), {}).stdout)
    except CommandError as error:
        raise Failed(plain(stack, stderr(error)) or ("the engine failed",)) from None
