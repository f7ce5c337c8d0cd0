"""The git checkout that a folder is in, and the repository that it is one of. No git is run: its files are read."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

_ORIGIN = re.compile(r'^\[remote "origin"\]\s*\n(?P<body>(?:[^\[].*\n?|\n)*)', re.MULTILINE)
_URL = re.compile(r"^\s*url\s*=\s*(\S+)\s*$", re.MULTILINE)
_REMOTE = re.compile(
    r"(?:[a-z+]+://)?(?:[^@/]+@)?(?P<host>[^:/@]+)(?::\d+)?[:/]/?(?P<owner>[^/:]+)/(?P<name>[^/]+?)(?:\.git)?/?"
)


@dataclass(frozen=True, slots=True)
class Checkout:
    """A checkout: its folder, and the ``host``, ``owner`` and ``name`` of the remote ``origin``, lower case."""

    root: Path
    host: str
    owner: str
    name: str


def checkout_of(folder: Path) -> Checkout | None:
    """Return the checkout that a folder is in; None where it is in none, or in one of which no remote is told."""
    for root in (folder.absolute(), *folder.absolute().parents):
        try:
            if (root / ".git").exists():
                return _of(root, _config(root / ".git").read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError):
            return None
    return None


def _of(root: Path, config: str) -> Checkout | None:
    origin = _ORIGIN.search(config)
    url = _URL.search(origin["body"]) if origin else None
    remote = _REMOTE.fullmatch(url[1].lower()) if url else None
    return Checkout(root, remote["host"], remote["owner"], remote["name"]) if remote else None


def _config(git: Path) -> Path:
    """Return the configuration of a repository; a worktree's ``.git`` is a file that names a folder of it."""
    if git.is_dir():
        return git / "config"
    own = git.parent / git.read_text(encoding="utf-8").removeprefix("gitdir:").strip()
    shared = own / "commondir"
    return (own / shared.read_text(encoding="utf-8").strip() if shared.exists() else own) / "config"
