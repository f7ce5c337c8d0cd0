"""A project's folder as a git repository with one commit, and changes that are made after it."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Final

WHO: Final = ("-c", "user.name=Somebody", "-c", "user.email=somebody@example.com", "-c", "commit.gpgsign=false")


def git(root: Path, *arguments: str) -> str:
    """Run git in a folder, and return what it says."""
    done = subprocess.run(
        ["git", *WHO, *arguments],
        cwd=root,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
        stdin=subprocess.DEVNULL,
    )
    return done.stdout.strip()


def commit(root: Path, message: str = "more") -> str:
    """Commit all that is there, and return the commit."""
    if not (root / ".git").exists():
        git(root, "init", "--quiet", "--initial-branch=main")
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--allow-empty", "--message", message)
    return git(root, "rev-parse", "HEAD")
