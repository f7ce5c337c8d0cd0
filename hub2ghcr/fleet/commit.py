"""The commit that a run was made from."""

from __future__ import annotations

import subprocess
from pathlib import Path


def commit(root: Path) -> tuple[str, bool]:
    """Return the commit that is checked out (empty: none), and whether files of the project differ from it."""
    head = _git(root, "rev-parse", "--verify", "HEAD")
    return head.strip(), bool(head and _git(root, "status", "--porcelain", "--untracked-files=no", "--", "."))


def _git(root: Path, *arguments: str) -> str:
    """Return what git says; nothing where there is no git, or no repository."""
    try:
        done = subprocess.run(
            ["git", *arguments], cwd=root, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL
        )
    except OSError:
        return ""
    return done.stdout if done.returncode == 0 else ""
