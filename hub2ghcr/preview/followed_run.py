"""The run that a workflow follows (``workflow_run``), and the pull requests that it was about.

Which ones these are is never read from what the run has left behind: a stranger's run may leave anything. GitHub is
asked for the open pull requests whose head is the run's, by repository, branch and commit.

https://docs.github.com/en/webhooks/webhook-events-and-payloads#workflow_run
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, ValidationError

from ..errors import PreviewError
from ..github import GitHub

LARGEST: Final = 4 << 20
"""Bytes of an event; GitHub sends none that is larger than 25 MiB, and runs see far less."""
REMEDY: Final = "run it in a workflow on `workflow_run`, or write --post OWNER/REPO#NUMBER"


@dataclass(frozen=True, slots=True)
class FollowedRun:
    """A finished run for a pull request.

    Attributes:
        repository: the one it ran in, ``OWNER/NAME``.
        head_repository: where its commit comes from: a fork's, or the same.
        head_branch: the branch of that repository.
        head_sha: the commit.
    """

    repository: str
    head_repository: str
    head_branch: str
    head_sha: str


def followed_run(environ: Mapping[str, str]) -> FollowedRun:
    """Return the run that this one follows, by the event that GitHub has written for it.

    Args:
        environ: of a step: ``GITHUB_EVENT_PATH``, ``GITHUB_EVENT_NAME``, ``GITHUB_REPOSITORY``.

    Raises:
        PreviewError: there is no such event, or the run was about no pull request of this repository.
    """
    name, path = environ.get("GITHUB_EVENT_NAME", ""), environ.get("GITHUB_EVENT_PATH", "")
    if name != "workflow_run" or not path:
        raise PreviewError("follows no run", "GITHUB_EVENT_NAME", name, REMEDY)
    try:
        with Path(path).open("rb") as file:
            event = _Event.model_validate_json(file.read(LARGEST))
    except (OSError, ValidationError):
        raise PreviewError("holds no event of a workflow's run", "GITHUB_EVENT_PATH", path, REMEDY) from None
    run, here = event.workflow_run, environ.get("GITHUB_REPOSITORY", "")
    if run.event != "pull_request":
        raise PreviewError("the run was about no pull request", "workflow_run.event", run.event, REMEDY)
    if not here or {here, event.repository.full_name, run.repository.full_name} != {here}:
        raise PreviewError("the run was another repository's", "workflow_run.repository", run.repository.full_name)
    if not re.fullmatch(r"[0-9a-f]{40}|[0-9a-f]{64}", run.head_sha) or run.head_repository is None:
        raise PreviewError("the run's branch is gone", "workflow_run.head_repository", run.head_sha[:64])
    return FollowedRun(here, run.head_repository.full_name, run.head_branch, run.head_sha)


def pull_requests(github: GitHub, run: FollowedRun) -> tuple[int, ...]:
    """Return the numbers of the open pull requests whose head is the run's, sorted; none where it has moved on.

    Raises:
        GitHubError: as `GitHub` does.
    """
    owner = run.head_repository.partition("/")[0]
    query = {"state": "open", "head": f"{owner}:{run.head_branch}"}
    found = github.pages("repos", *run.repository.split("/"), "pulls", query=query)
    return tuple(sorted(int(each["number"]) for each in found if _is_about(each, run)))


def _is_about(pull: Any, run: FollowedRun) -> bool:
    head, base = pull["head"], pull["base"]
    # A fork that was deleted has no repository
    names = [((side["repo"] or {}).get("full_name") or "").lower() for side in (head, base)]
    wanted = [run.head_repository.lower(), run.repository.lower()]
    return bool(head["sha"] == run.head_sha and head["ref"] == run.head_branch and names == wanted)


class _Lax(BaseModel):
    model_config = ConfigDict(extra="ignore", strict=True)


class _Repository(_Lax):
    full_name: str


class _Run(_Lax):
    event: str
    head_sha: str
    head_branch: str
    head_repository: _Repository | None
    repository: _Repository


class _Event(_Lax):
    workflow_run: _Run
    repository: _Repository
