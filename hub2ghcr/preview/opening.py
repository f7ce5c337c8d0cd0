"""What is compared, from what a person names: a commit and this folder, or this folder and another one's data."""

from __future__ import annotations

import re
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from . import base
from .previewing import Sides
from .side import Side

HERE: Final = "this folder"
"""What a folder is called that is no checkout."""


def against(ref: str | None, root: Path, opened: ExitStack) -> Sides:
    """Return this folder, changes that are not committed included, compared with the commit at which it left a base.

    Args:
        ref: the base; None is the default branch, and nothing where git knows none.
        root: the project's folder.
        opened: keeps the base's files for as long as they are needed.

    Raises:
        PreviewError: git knows no such commit.
    """
    name = base.commit_of(root) or HERE
    commit = base.default_base(root) if ref is None else base.merge_base(ref, root)
    if commit is None:
        return Sides(Side(root), name)
    return Sides(Side(root), name, Side(opened.enter_context(base.tree(commit, root))), commit)


def beside(head: Path, root: Path, opened: ExitStack) -> Sides:
    """Return the data of another folder compared with this one, whose program and connections hold for both.

    Args:
        head: the folder of the change: its stacks and its lock are read, and nothing else of it.
        root: the project's folder, as the base has it.
        opened: keeps the files for as long as they are needed.

    Raises:
        Problems: what is refused of the head.
    """
    from .head import overlay

    target = Path(opened.enter_context(TemporaryDirectory(prefix="hub2ghcr-head-")))
    found = overlay(root, head, target)
    # No variable of this environment is put into what a stranger wrote: it could come back in an error's words
    sides = Side(found.root, {}), Side(root, {})
    return Sides(sides[0], _detached(head), sides[1], base.commit_of(root) or HERE, found.refused, found.unplanned)


def _detached(head: Path) -> str:
    """Return the commit of a checkout by its own file: git would run what a folder's configuration names."""
    try:
        found = (head / ".git" / "HEAD").read_text(encoding="ascii").strip()
    except (OSError, ValueError):
        return HERE
    return found if re.fullmatch(r"[0-9a-f]{40}|[0-9a-f]{64}", found) else HERE
