"""The commit that a run was made from."""

from __future__ import annotations

from pathlib import Path

from .. import git


def commit(root: Path) -> tuple[str, bool]:
    """Return the commit that is checked out (empty: none), and whether files of the project differ from it."""
    head = git.told(root, "rev-parse", "--verify", "HEAD") or ""
    return head, bool(head and git.told(root, "status", "--porcelain", "--untracked-files=no", "--", "."))
