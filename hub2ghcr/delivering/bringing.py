"""Bringing files to a repository: by a commit where that was asked for and is let in, else by a pull request."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ..github import GitHub
from ..github.direct_commit import ProtectedBranch, commit
from ..github.pull_request import OthersCommits, Proposal, propose
from .delivery import How

State = Literal["committed", "delivered", "opened", "updated", "open", "closed", "theirs"]


@dataclass(frozen=True, slots=True)
class Brought:
    """What became of it.

    Attributes:
        state: ``committed``; ``delivered``: it was there already; ``opened``, ``updated`` and ``open``: a pull request
            waits to be merged; ``closed``: it was declined meanwhile; ``theirs``: others have put commits on its
            branch.
        url: the pull request's page, empty where there is none.
        commit: the name of a direct commit, else empty.
        protected: a commit was asked for, and the branch takes none.
    """

    state: State
    url: str = ""
    commit: str = ""
    protected: bool = False


def bring(github: GitHub, wanted: Proposal, how: How) -> Brought:
    """Write what a look has found to be lacking.

    Raises:
        GitHubError: as `GitHub` does; a file was changed since the look.
    """
    protected = False
    if how == "commit":
        try:
            made = commit(github, wanted)
            return Brought("committed" if made else "delivered", commit=made)
        except ProtectedBranch:
            protected = True
    try:
        done = propose(github, wanted)
    except OthersCommits:
        return Brought("theirs", protected=protected)
    states: dict[str, State] = {"merged": "delivered", "unchanged": "open", "opened": "opened", "updated": "updated"}
    return Brought(states.get(done.state, "closed"), done.url, protected=protected)
