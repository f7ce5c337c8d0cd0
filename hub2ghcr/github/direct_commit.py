"""Files brought to a repository's default branch by one commit, where nothing protects it."""

from __future__ import annotations

import re
from typing import Final

from ..errors import GitHubError
from .client import GitHub
from .pull_request import Proposal
from .repository import Repository

TRIES: Final = 3
"""How often a commit is made anew where the branch was moved meanwhile."""

_PROTECTED: Final = re.compile(
    r"protected (?:branch|ref)|verified signatures|rule violations|through a pull request|required status check"
    r"|approving review|not authorized to push",
    re.IGNORECASE,
)
"""How GitHub says that a branch takes no commit of ours."""

_MOVED: Final = "not a fast forward"


class ProtectedBranch(GitHubError):
    """The default branch takes no direct commit: a pull request may bring the files."""


def commit(github: GitHub, wanted: Proposal) -> str:
    """Put files on the default branch by one commit, and return its name; empty where they are there already.

    The branch is moved forward only, so that nobody's commit is lost: where it moved meanwhile, the commit is made anew
    on top of it.

    Raises:
        ProtectedBranch: the branch, or a ruleset, wants a pull request.
        GitHubError: as `GitHub` does; no such repository, or one without any commit; a file was changed since it was
            seen.
    """
    repository = Repository(github, wanted.owner, wanted.repository)
    message = f"{wanted.title}\n\n{wanted.text}".rstrip()
    for left in reversed(range(TRIES)):
        base = repository.base()
        changed = repository.differing(base.tree, wanted.files, wanted.was)
        if not changed:
            return ""
        try:
            made = repository.put(base, {path: wanted.files[path] for path in changed}, message, [base.sha])
            repository.send("PATCH", "git", "refs", "heads", *base.branch.split("/"), sha=made, force=False)
        except GitHubError as error:
            if _PROTECTED.search(error.what):
                place = f"{repository.name}: {base.branch}"
                raise ProtectedBranch(error.what, place, remedy="deliver by pull request") from None
            if _MOVED not in error.what or not left:
                raise
        else:
            return made
    raise AssertionError("unreachable")
