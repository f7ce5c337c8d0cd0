"""A repository of GitHub through git's own objects: branches, commits, trees, files."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from ..errors import GitHubError
from .client import GitHub

_NOTHING: Final[Mapping[str, str]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Base:
    """The default branch: its name, its commit, and the commit's tree."""

    branch: str
    sha: str
    tree: str


class _File(NamedTuple):
    """A file of a tree: git's name of its bytes, and the mode of what takes its place: whether it can be run."""

    name: str
    mode: str


_PLAIN: Final = "100644"
_RUNS: Final = "100755"
_NONE: Final = _File("", _PLAIN)


class Repository:
    """One repository's side of the API; every method raises GitHubError, as `GitHub` does."""

    def __init__(self, github: GitHub, owner: str, name: str) -> None:
        self.name = f"{owner}/{name}"
        self._github, self._owner = github, owner
        self._parts = ("repos", owner, name)
        self._trees: dict[str, tuple[dict[str, _File], bool]] = {}

    def send(self, method: str, *parts: str, **body: Any) -> Any:
        """Return GitHub's answer below the repository's own path; what is named goes as the body."""
        return self._github.send(method, *self._parts, *parts, body=body)

    def base(self) -> Base:
        """Return the default branch.

        Raises:
            GitHubError: no such repository, or one without any commit, too.
        """
        found = self._get()
        if found is None:
            remedy = "is the name right, and may the token see it?"
            raise GitHubError("no such repository", "github", self.name, remedy)
        name = str(found["default_branch"])
        branch = self._get("branches", name)
        if branch is None:
            raise GitHubError("the repository has no commit yet", self.name, remedy="push a first one")
        return Base(name, str(branch["commit"]["sha"]), str(branch["commit"]["commit"]["tree"]["sha"]))

    def content(self, path: str, commit: str) -> bytes:
        """Return a file's bytes at a commit, empty where there is none."""
        found = self._get("contents", *path.split("/"), ref=commit)
        return base64.b64decode(found["content"]) if found else b""

    def head(self, branch: str) -> str | None:
        """Return the commit that a branch names, None where there is no such branch."""
        found = self._get("git", "ref", "heads", *branch.split("/"))
        return str(found["object"]["sha"]) if found else None

    def commit(self, sha: str) -> Any:
        """Return a commit, as the API shows it."""
        return self._get("commits", sha)

    def pull(self, number: int) -> Any:
        """Return a pull request, as the API shows one alone: with whether it can be merged."""
        return self._get("pulls", str(number))

    def pulls(self, branch: str) -> list[Any]:
        """Return all pull requests of a branch of the repository, the newest first."""
        query = {"state": "all", "head": f"{self._owner}:{branch}", "per_page": "100"}
        return list(self._get("pulls", **query) or ())

    def differing(self, tree: str, files: Mapping[str, bytes], was: Mapping[str, str] = _NOTHING) -> tuple[str, ...]:
        """Return the paths whose bytes are not those of a tree.

        Raises:
            GitHubError: one of them is not what it ``was``, too.
        """
        changed = tuple(path for path in sorted(files) if self.blob(tree, path) != name_of(files[path]))
        moved = [path for path in changed if self.blob(tree, path) != was.get(path, self.blob(tree, path))]
        if moved:
            raise GitHubError("was changed meanwhile", f"{self.name}: {', '.join(moved)}", remedy="run again")
        return changed

    def blob(self, tree: str, path: str) -> str:
        """Return git's name of a file in a tree, empty where there is none; all files of a tree are one call."""
        return self._file(tree, path).name

    def _file(self, tree: str, path: str) -> _File:
        if tree not in self._trees:
            listed = self._get("git", "trees", tree, recursive="1") or {}
            files = {str(each["path"]): _file(each) for each in listed.get("tree", ()) if each["type"] == "blob"}
            self._trees[tree] = files, not listed.get("truncated")
        files, whole = self._trees[tree]
        return files.get(path, _NONE) if whole or path in files else self._below(tree, path)

    def _below(self, tree: str, path: str) -> _File:
        """Return the same folder by folder: GitHub lists no more than 100,000 files at once."""
        head, deeper, rest = path.partition("/")
        listed = (self._get("git", "trees", tree) or {}).get("tree", ())
        found = next((each for each in listed if each["path"] == head), {"type": ""})
        if deeper:
            return self._below(str(found["sha"]), rest) if found["type"] == "tree" else _NONE
        return _file(found) if found["type"] == "blob" else _NONE

    def put(self, base: Base, files: Mapping[str, bytes], message: str, parents: list[str]) -> str:
        """Make a commit of the default branch's files with others in place; no branch names it yet.

        What could be run can be run still.
        ``message`` may hold ``{tree}``, which is the name of the commit's tree.

        Raises:
            GitHubError: a file is not UTF-8, too.
        """
        entries = [
            {"path": path, "mode": self._file(base.tree, path).mode, "type": "blob", "content": _text(data, path)}
            for path, data in sorted(files.items())
        ]
        made = self.send("POST", "git", "trees", base_tree=base.tree, tree=entries)["sha"]
        commit = self.send(
            "POST", "git", "commits", message=message.replace("{tree}", made), tree=made, parents=parents
        )
        return str(commit["sha"])

    def _get(self, *parts: str, **query: str) -> Any:
        return self._github.send("GET", *self._parts, *parts, query=query)


def name_of(data: bytes) -> str:
    """Return the name that git gives to a file's bytes."""
    return hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()


def _file(entry: Any) -> _File:
    return _File(str(entry["sha"]), _RUNS if entry["mode"] == _RUNS else _PLAIN)


def _text(data: bytes, path: str) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        raise GitHubError(f"not UTF-8 at byte {error.start}", path, remedy="save the file as UTF-8") from None
