"""Files brought to a GitHub repository by a pull request, which a repeated run updates.

A branch gets one commit for each change of the files, and is only ever moved forward: what others put on it stays. A
pull request that was closed without being merged was declined, and is not opened again.

https://docs.github.com/en/rest/git and https://docs.github.com/en/rest/pulls. The token needs the scope ``repo``
(fine-grained: contents and pull requests, both to write), and ``workflow`` for files in ``.github/workflows/``.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from ..errors import GitHubError
from .client import GitHub

LONGEST: Final = 60_000
"""Characters of a pull request's text; GitHub takes 65,536."""

_FILES: Final = "Hub2ghcr-Files: "
"""The last line but one of our commits: the digest of what was proposed."""

_TREE: Final = "Hub2ghcr-Tree: "
"""The last line of our commits, with the tree that they were made with: an amended one has another."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """What is proposed: whole files by their paths in a repository, and the pull request that brings them."""

    owner: str
    repository: str
    branch: str
    title: str
    text: str
    files: Mapping[str, bytes]


@dataclass(frozen=True, slots=True)
class Proposed:
    """What became of it.

    Attributes:
        state: ``opened``, ``updated``, ``unchanged``; ``merged``: the default branch has all files as they should be;
            ``closed``: the last pull request was closed without being merged, and nothing was done.
        url: the pull request's page, empty where there is none.
        changed: paths that differ from the default branch, sorted.
    """

    state: Literal["opened", "updated", "unchanged", "merged", "closed"]
    url: str
    changed: tuple[str, ...]


def missing(github: GitHub, wanted: Proposal) -> dict[str, bytes]:
    """Return the files of the default branch that differ, as they are there; empty bytes for those it lacks.

    Raises:
        GitHubError: as `propose`; nothing is written.
    """
    repository = _Repository(github, wanted.owner, wanted.repository)
    base = repository.base()
    return {path: repository.content(path, base.sha) for path in repository.differing(base.tree, wanted.files)}


def propose(github: GitHub, wanted: Proposal) -> Proposed:
    """Bring files to a repository's default branch, as far as a pull request does.

    Raises:
        GitHubError: as `GitHub` does; no such repository; a branch that others have put commits on.
    """
    repository = _Repository(github, wanted.owner, wanted.repository)
    base = repository.base()
    changed = repository.differing(base.tree, wanted.files)
    pulls = repository.pulls(wanted.branch, base.branch)
    open_ = next((each for each in pulls if each["state"] == "open"), None)
    last = open_ or (pulls[0] if pulls else None)
    url = str(last["html_url"]) if last else ""
    if not changed:
        return Proposed("merged", url, ())
    if last is not None and open_ is None and last["merged_at"] is None:
        return Proposed("closed", url, changed)
    moved = _commit(repository, wanted, changed, base, open_)
    text = wanted.text if len(wanted.text) <= LONGEST else f"{wanted.text[:LONGEST]}\n…"
    if open_ is None:
        opened = repository.send("POST", "pulls", head=wanted.branch, base=base.branch, title=wanted.title, body=text)
        return Proposed("opened", str(opened["html_url"]), changed)
    if moved or (open_["title"], open_["body"]) != (wanted.title, text):
        repository.send("PATCH", "pulls", str(open_["number"]), title=wanted.title, body=text)
        return Proposed("updated", url, changed)
    return Proposed("unchanged", url, changed)


def _commit(repository: _Repository, wanted: Proposal, changed: tuple[str, ...], base: _Base, pull: Any) -> bool:
    """Let the branch have the files, on top of the default branch as it is now; return whether it had not."""
    head = repository.head(wanted.branch)
    parents = [base.sha]
    digest = _digest(wanted.files)
    if head is not None and head != base.sha:
        found = repository.commit(head)
        if not _is_ours(found):
            remedy = "merge it, or name another branch"
            what = "the branch has commits of others, which are not overwritten"
            raise GitHubError(what, f"{repository.name}: {wanted.branch}", head[:12], remedy)
        mergeable = pull is not None and repository.pull(pull["number"])["mergeable"] is not False
        if mergeable and f"\n{_FILES}{digest}\n" in found["commit"]["message"]:
            return False
        known = {each["sha"] for each in found["parents"]}
        parents = [head] if base.sha in known else [head, base.sha]
    entries = [
        {"path": path, "mode": "100644", "type": "blob", "content": _text(wanted.files[path], path)} for path in changed
    ]
    made = repository.send("POST", "git", "trees", base_tree=base.tree, tree=entries)["sha"]
    message = f"{wanted.title}\n\n{_FILES}{digest}\n{_TREE}{made}"
    commit = repository.send("POST", "git", "commits", message=message, tree=made, parents=parents)["sha"]
    if head is None:
        repository.send("POST", "git", "refs", ref=f"refs/heads/{wanted.branch}", sha=commit)
    else:
        repository.send("PATCH", "git", "refs", "heads", *wanted.branch.split("/"), sha=commit, force=False)
    return True


def _is_ours(commit: Any) -> bool:
    """Whether a commit says that we made it, and has the tree that it says."""
    said = str(commit["commit"]["message"]).rstrip()
    return said.endswith(f"{_TREE}{commit['commit']['tree']['sha']}")


def _digest(files: Mapping[str, bytes]) -> str:
    found = hashlib.sha256()
    for path, data in sorted(files.items()):
        found.update(b"%s\0%d\0" % (path.encode(), len(data)) + data)
    return f"sha256:{found.hexdigest()}"


def _text(data: bytes, path: str) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        raise GitHubError(f"not UTF-8 at byte {error.start}", path, remedy="save the file as UTF-8") from None


@dataclass(frozen=True, slots=True)
class _Base:
    """The default branch: its name, its commit, and the commit's tree."""

    branch: str
    sha: str
    tree: str


class _Repository:
    """A repository's side of the API."""

    def __init__(self, github: GitHub, owner: str, name: str) -> None:
        self.name = f"{owner}/{name}"
        self._github, self._owner = github, owner
        self._parts = ("repos", owner, name)
        self._folders: dict[str, dict[str, tuple[str, str]]] = {}

    def send(self, method: str, *parts: str, **body: Any) -> Any:
        return self._github.send(method, *self._parts, *parts, body=body)

    def base(self) -> _Base:
        found = self._get()
        if found is None:
            remedy = "is the name right, and may the token see it?"
            raise GitHubError("no such repository", "github", self.name, remedy)
        branch = str(found["default_branch"])
        sha = self.head(branch)
        if sha is None:
            raise GitHubError("the repository has no commit yet", self.name, remedy="push a first one")
        return _Base(branch, sha, str(self.commit(sha)["commit"]["tree"]["sha"]))

    def content(self, path: str, commit: str) -> bytes:
        found = self._get("contents", *path.split("/"), ref=commit)
        return base64.b64decode(found["content"]) if found else b""

    def head(self, branch: str) -> str | None:
        found = self._get("git", "ref", "heads", *branch.split("/"))
        return str(found["object"]["sha"]) if found else None

    def commit(self, sha: str) -> Any:
        return self._get("commits", sha)

    def pull(self, number: int) -> Any:
        return self._get("pulls", str(number))

    def pulls(self, branch: str, base: str) -> list[Any]:
        """All pull requests of a branch, the newest first."""
        query = {"state": "all", "head": f"{self._owner}:{branch}", "base": base, "per_page": "100"}
        return list(self._get("pulls", **query) or ())

    def differing(self, tree: str, files: Mapping[str, bytes]) -> tuple[str, ...]:
        """Return the paths whose bytes are not those of a tree."""
        return tuple(path for path in sorted(files) if self._blob(tree, path) != _name_of(files[path]))

    def _blob(self, tree: str, path: str) -> str:
        head, deeper, rest = path.partition("/")
        if tree not in self._folders:
            listed = (self._get("git", "trees", tree) or {}).get("tree", ())
            self._folders[tree] = {each["path"]: (each["type"], each["sha"]) for each in listed}
        kind, sha = self._folders[tree].get(head, ("", ""))
        if deeper:
            return self._blob(sha, rest) if kind == "tree" else ""
        return sha if kind == "blob" else ""

    def _get(self, *parts: str, **query: str) -> Any:
        return self._github.send("GET", *self._parts, *parts, query=query)


def _name_of(data: bytes) -> str:
    """Return the name that git gives to a file's bytes."""
    return hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()
