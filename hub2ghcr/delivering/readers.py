"""Which workflows of a repository's default branch read a secret: as long as one does, it is not removed."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Final

from ..github.default_branch import DefaultBranch

_FOLDER: Final = ".github/"
_ENDS: Final = (".yml", ".yaml")
_ALL: Final = re.compile(r"\w\s*\(\s*secrets\s*[,)]|\bsecrets\s*(?:\.\s*\*|\[\s*[^\s'\"])", re.IGNORECASE)
"""What reads every secret, or one whose name only a run knows: ``toJSON(secrets)``, ``secrets[matrix.name]``."""
_INHERIT: Final = re.compile(r"\bsecrets['\"]?\s*:\s*(?:[|>]\S*\s+)?['\"]?inherit\b")
_ELSEWHERE: Final = re.compile(r"[\w.-]+/[\w.-]+/\.github/workflows/")
"""A workflow of another repository: with all secrets passed on, nobody can tell which it reads."""


def readers(branch: DefaultBranch, names: Collection[str]) -> dict[str, tuple[str, ...]]:
    """Return the files that read a secret, by its name; those without any are left out. One call for each file.

    Raises:
        GitHubError: as `hub2ghcr.github.GitHub` does.
    """
    found: dict[str, list[str]] = {}
    for path in sorted(branch.files):
        if path.startswith(_FOLDER) and path.endswith(_ENDS):
            text = branch.read(path).decode(errors="replace")
            for name in names:
                if reads(text, name):
                    found.setdefault(name, []).append(path)
    return {name: tuple(paths) for name, paths in sorted(found.items())}


def reads(text: str, name: str) -> bool:
    """Whether a workflow or an action reads a secret, or may: whatever a comment says counts as well."""
    one = rf"\bsecrets\s*(?:\.\s*{re.escape(name)}\b|\[\s*['\"]{re.escape(name)}['\"]\s*\])"
    if re.search(one, text, re.IGNORECASE) or _ALL.search(text):
        return True
    return bool(_INHERIT.search(text) and _ELSEWHERE.search(text))
