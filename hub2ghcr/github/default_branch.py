"""The default branch of a repository as it is now: which files it has, known by one call, and what they say."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from ..errors import GitHubError
from .client import GitHub

LARGEST: Final = 1 << 20
"""Bytes of a file that can be read; GitHub's contents API gives no more (docs.github.com, repository contents)."""

_LINK: Final = "120000"
"""The mode of a symbolic link in git's trees."""


@dataclass(frozen=True, slots=True)
class DefaultBranch:
    """The files of a repository's default branch.

    Attributes:
        owner: of the repository.
        repository: its name.
        files: path -> git's name of the bytes; empty for a repository without any commit.
        folders: all paths of folders.
        whole: GitHub listed all of them; else (over 100,000 files) what is not among them may be there.
        links: paths of symbolic links; they are among the files.
    """

    github: GitHub = field(repr=False, compare=False)
    owner: str
    repository: str
    files: Mapping[str, str]
    folders: frozenset[str]
    whole: bool = True
    links: frozenset[str] = frozenset()

    @classmethod
    def look(cls, github: GitHub, owner: str, repository: str) -> DefaultBranch:
        """Return it, by one call.

        Raises:
            GitHubError: as `GitHub` does; no such repository.
        """
        found = github.send("GET", "repos", owner, repository, "git", "trees", "HEAD", query={"recursive": "1"})
        if found is None:
            if not github.has_repository(owner, repository):
                remedy = "is the name right, and may the token see it?"
                raise GitHubError("no such repository", "github", f"{owner}/{repository}", remedy)
            return cls(github, owner, repository, {}, frozenset())
        files = {str(each["path"]): str(each["sha"]) for each in found["tree"] if each["type"] == "blob"}
        folders = {path[:at] for path in files for at, sign in enumerate(path) if sign == "/"}
        links = frozenset(str(each["path"]) for each in found["tree"] if each["mode"] == _LINK)
        return cls(github, owner, repository, files, frozenset(folders), not found.get("truncated"), links)

    def has(self, path: str) -> bool:
        """Whether there is a file or a folder at a path, which is the repository's own (``.`` is its root).

        Raises:
            GitHubError: as `GitHub` does, where the listing was not whole.
        """
        if path in (".", "") or path in self.files or path in self.folders:
            return True
        return not self.whole and self._get(path) is not None

    def name(self, path: str) -> str:
        """Return git's name of a file's bytes, empty where there is none.

        Raises:
            GitHubError: as `GitHub` does, where the listing was not whole.
        """
        if path in self.files or self.whole:
            return self.files.get(path, "")
        found = self._get(path)
        return str(found["sha"]) if isinstance(found, dict) else ""

    def read(self, path: str) -> bytes:
        """Return a file's bytes, by one call; empty where there is none.

        Raises:
            GitHubError: as `GitHub` does; the file is larger than `LARGEST`.
        """
        found = self._get(path)
        if not isinstance(found, dict):
            return b""
        if found.get("encoding") != "base64":
            raise GitHubError("too large to be read", f"{self.owner}/{self.repository}: {path}")
        return base64.b64decode(found["content"])

    def _get(self, path: str) -> object:
        return self.github.send("GET", "repos", self.owner, self.repository, "contents", *path.split("/"))
