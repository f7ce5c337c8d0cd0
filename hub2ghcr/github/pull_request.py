"""Files brought to a GitHub repository by a pull request, which a repeated run updates.

A branch gets one commit for each change of the files, and is only ever moved forward: what others put on it stays. A
pull request that was closed without being merged was declined, and is not opened again. What reviewers tick in its text
stays ticked until the files change.

https://docs.github.com/en/rest/git and https://docs.github.com/en/rest/pulls. The token needs the scope ``repo``
(fine-grained: contents and pull requests, both to write), and ``workflow`` for files in ``.github/workflows/``.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from ..errors import GitHubError
from .client import GitHub
from .repository import Base, Repository

LONGEST: Final = 60_000
"""Characters of a pull request's text; GitHub takes 65,536."""

_FILES: Final = "Hub2ghcr-Files: "
"""The last line but one of our commits: the digest of what was proposed."""

_TREE: Final = "Hub2ghcr-Tree: "
"""The last line of our commits, with the tree that they were made with: an amended one has another."""

_SUBJECT: Final = re.compile(r"<!-- hub2ghcr: (\S+) -->")
"""In a pull request's text, unseen: what it is about."""

_TICKED: Final = re.compile(r"^(\s*- )\[[xX]\]", re.MULTILINE)


class OthersCommits(GitHubError):
    """A branch has commits that we did not make, and it is not ours to change."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """What is proposed: whole files by their paths in a repository, and the pull request that brings them.

    Closing a pull request declines its ``subject`` (a word), and nothing else; without one it declines whatever comes.
    ``was`` has git's names of what was seen at some of the paths (empty: nothing): what is another by now is not
    replaced.
    """

    owner: str
    repository: str
    branch: str
    title: str
    text: str
    files: Mapping[str, bytes]
    subject: str = ""
    was: Mapping[str, str] = field(default_factory=dict)


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


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a proposal stands, while the default branch lacks it.

    Attributes:
        state: ``none``: no pull request was made; ``open``: it has these files; ``stale``: it has others;
            ``closed``: it was declined; ``theirs``: others have put commits on its branch.
        url: the pull request's page, empty where there is none.
    """

    state: Literal["none", "open", "stale", "closed", "theirs"]
    url: str


def missing(github: GitHub, wanted: Proposal) -> dict[str, bytes]:
    """Return the files of the default branch that differ, as they are there; empty bytes for those it lacks.

    Raises:
        GitHubError: as `propose`; nothing is written.
    """
    repository = Repository(github, wanted.owner, wanted.repository)
    base = repository.base()
    return {path: repository.content(path, base.sha) for path in repository.differing(base.tree, wanted.files)}


def standing(github: GitHub, wanted: Proposal) -> Standing:
    """Return where a proposal stands that the default branch lacks; nothing is written.

    Raises:
        GitHubError: as `GitHub` does.
    """
    repository = Repository(github, wanted.owner, wanted.repository)
    open_, last = _last(repository, wanted)
    url = str(last["html_url"]) if last else ""
    if open_ is None:
        return Standing("closed" if _declines(last, wanted) else "none", url)
    found = repository.commit(open_["head"]["sha"])
    if not _is_ours(found):
        return Standing("theirs", url)
    return Standing("open" if _has(found, wanted) else "stale", url)


def propose(github: GitHub, wanted: Proposal) -> Proposed:
    """Bring files to a repository's default branch, as far as a pull request does.

    Raises:
        OthersCommits: of a branch that others have put commits on.
        GitHubError: as `GitHub` does; no such repository; a file was changed since it was seen.
    """
    repository = Repository(github, wanted.owner, wanted.repository)
    base = repository.base()
    changed = repository.differing(base.tree, wanted.files, wanted.was)
    open_, last = _last(repository, wanted)
    url = str(last["html_url"]) if last else ""
    if not changed:
        return Proposed("merged", url, ())
    if open_ is None and _declines(last, wanted):
        return Proposed("closed", url, changed)
    moved = _commit(repository, wanted, changed, base, open_)
    text = wanted.text if len(wanted.text) <= LONGEST else f"{wanted.text[:LONGEST]}\n…"
    if wanted.subject:
        text = f"{text}\n\n<!-- hub2ghcr: {wanted.subject} -->"
    if open_ is None:
        opened = repository.send("POST", "pulls", head=wanted.branch, base=base.branch, title=wanted.title, body=text)
        return Proposed("opened", str(opened["html_url"]), changed)
    if moved or (open_["title"], _unticked(open_["body"] or "")) != (wanted.title, _unticked(text)):
        repository.send("PATCH", "pulls", str(open_["number"]), title=wanted.title, body=text)
        return Proposed("updated", url, changed)
    return Proposed("unchanged", url, changed)


def _last(repository: Repository, wanted: Proposal) -> tuple[Any, Any]:
    """Return the open pull request of the branch, and that or the last that was closed; None where there is none."""
    pulls = repository.pulls(wanted.branch)
    open_ = next((each for each in pulls if each["state"] == "open"), None)
    return open_, open_ or (pulls[0] if pulls else None)


def _declines(pull: Any, wanted: Proposal) -> bool:
    """Whether a closed pull request says no to this proposal; whose subject nobody can tell says no to all."""
    if pull is None or pull["merged_at"] is not None:
        return False
    about = _SUBJECT.search(pull["body"] or "")
    return not (wanted.subject and about and about[1] != wanted.subject)


def _commit(repository: Repository, wanted: Proposal, changed: tuple[str, ...], base: Base, pull: Any) -> bool:
    """Let the branch have the files, on top of the default branch as it is now; return whether it had not."""
    head = repository.head(wanted.branch)
    parents = [base.sha]
    if head is not None and head != base.sha:
        found = repository.commit(head)
        if not _is_ours(found):
            remedy = "merge it, or name another branch"
            what = "the branch has commits of others, which are not overwritten"
            raise OthersCommits(what, f"{repository.name}: {wanted.branch}", head[:12], remedy)
        mergeable = pull is not None and repository.pull(pull["number"])["mergeable"] is not False
        if mergeable and _has(found, wanted):
            return False
        known = {each["sha"] for each in found["parents"]}
        parents = [head] if base.sha in known else [head, base.sha]
    message = f"{wanted.title}\n\n{_FILES}{_digest(wanted.files)}\n{_TREE}{{tree}}"
    commit = repository.put(base, {path: wanted.files[path] for path in changed}, message, parents)
    if head is None:
        repository.send("POST", "git", "refs", ref=f"refs/heads/{wanted.branch}", sha=commit)
    else:
        repository.send("PATCH", "git", "refs", "heads", *wanted.branch.split("/"), sha=commit, force=False)
    return True


def _is_ours(commit: Any) -> bool:
    """Whether a commit says that we made it, and has the tree that it says."""
    said = str(commit["commit"]["message"]).rstrip()
    return said.endswith(f"{_TREE}{commit['commit']['tree']['sha']}")


def _has(commit: Any, wanted: Proposal) -> bool:
    """Whether one of our commits brings these very files."""
    return f"\n{_FILES}{_digest(wanted.files)}\n" in commit["commit"]["message"]


def _unticked(text: str) -> str:
    """Return a text as we wrote it, whatever reviewers have ticked; GitHub's pages end lines as Windows does."""
    return _TICKED.sub(r"\1[ ]", text.replace("\r\n", "\n"))


def _digest(files: Mapping[str, bytes]) -> str:
    found = hashlib.sha256()
    for path, data in sorted(files.items()):
        found.update(b"%s\0%d\0" % (path.encode(), len(data)) + data)
    return f"sha256:{found.hexdigest()}"
