"""One comment of a pull request, written once and then updated in place.

It is ours by its first line, which nobody sees, and by its author: anyone may write a comment that begins like ours.
Where two runs write at the same time, both may make one: whoever looks after its own write keeps the oldest and removes
the others, so that one is left when the last has looked.

https://docs.github.com/en/rest/issues/comments. The token needs pull requests to write (classic: ``repo``).
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any, Final

from ..credentials import Credential
from ..errors import CredentialError, GitHubError, PreviewError
from ..github import GitHub
from .comment import MARKER
from .followed_run import followed_run, pull_requests

PUBLIC: Final = "https://api.github.com"
"""The API, unless ``GITHUB_API_URL`` says another one, as on a runner of GitHub Enterprise Server."""
VARIABLE: Final = "GITHUB_TOKEN"
"""Holds the token."""


def post(text: str, repository: str, number: int, environ: Mapping[str, str] = os.environ) -> str:
    """Write our comment of a pull request; the same text again changes nothing.

    Args:
        text: begins with `comment.MARKER`.
        repository: ``OWNER/NAME``.
        number: the pull request's.
        environ: holds the token, and where the API is.

    Returns:
        The comment's page.

    Raises:
        CredentialError: there is no token.
        GitHubError: there is no such pull request, or GitHub refuses.
    """
    with _github(environ) as github:
        return _Comments(github, repository, number).write(text)


def post_followed(text: str, environ: Mapping[str, str] = os.environ) -> tuple[str, ...]:
    """Write our comment of each pull request that the followed run was about.

    Returns:
        The comments' pages; none where the pull requests have moved on: a newer run writes of what they are now.

    Raises:
        PreviewError: this run follows none of a pull request.
        CredentialError, GitHubError: as `post`.
    """
    run = followed_run(environ)
    with _github(environ) as github:
        numbers = pull_requests(github, run)
        return tuple(_Comments(github, run.repository, number).write(text) for number in numbers)


class _Comments:
    """Our comments of one pull request."""

    def __init__(self, github: GitHub, repository: str, number: int) -> None:
        self._github = github
        self._place = f"{repository}#{number}"
        self._repository = ("repos", *repository.split("/"))
        self._number = str(number)

    def write(self, text: str) -> str:
        """Leave one comment of ours, with this text; return its page."""
        if not text.startswith(MARKER):
            raise PreviewError("is no comment of ours", self._place, remedy=f"begin it with {MARKER}")
        if self._github.send("GET", *self._repository, "pulls", self._number) is None:
            raise GitHubError("no such pull request", self._place, remedy="may the token see it?", status=404)
        me = self._github.viewer()
        if not (found := self._ours(me)):
            self._github.send("POST", *self._repository, "issues", self._number, "comments", body={"body": text})
            found = self._ours(me)  # another run may have written, too
        if not found:
            raise GitHubError("the comment that was written is not there", self._place, remedy="run again")
        kept, *others = found
        if kept["body"] != text:
            self._at("PATCH", kept, text)
        for each in others:
            self._remove(each)
        return str(kept["html_url"])

    def _ours(self, me: str) -> list[Any]:
        """Return what we have written, the oldest first."""
        every = self._github.pages(*self._repository, "issues", self._number, "comments")
        ours = [each for each in every if _is_ours(each, me)]
        return sorted(ours, key=lambda each: int(each["id"]))

    def _at(self, method: str, comment: Any, text: str | None = None) -> None:
        body = None if text is None else {"body": text}
        self._github.send(method, *self._repository, "issues", "comments", str(comment["id"]), body=body)

    def _remove(self, comment: Any) -> None:
        try:
            self._at("DELETE", comment)
        except GitHubError as error:
            if error.status != 404:  # the other run was faster
                raise


def _is_ours(comment: Any, me: str) -> bool:
    login = str((comment["user"] or {}).get("login") or "")
    return bool(me) and login.lower() == me.lower() and str(comment["body"] or "").startswith(MARKER)


def _github(environ: Mapping[str, str]) -> GitHub:
    token = environ.get(VARIABLE, "")
    if not token:
        remedy = f"give the step {VARIABLE}: it needs `pull-requests: write`"
        raise CredentialError("no token to write the comment with", VARIABLE, remedy=remedy)
    return GitHub(environ.get("GITHUB_API_URL") or PUBLIC, Credential(VARIABLE, token))
