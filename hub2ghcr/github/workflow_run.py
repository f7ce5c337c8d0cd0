"""The newest run of a workflow, and which of its steps failed.

https://docs.github.com/en/rest/actions/workflow-runs and https://docs.github.com/en/rest/actions/workflow-jobs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from .client import GitHub

LOOKED_AT: Final = 20
"""Runs among which the newest that did something is looked for, by one call."""


@dataclass(frozen=True, slots=True)
class WorkflowRun:
    """One run: its page, GitHub's number of it, how it ended (``success``, ``failure``…; empty: it has not).

    ``first``: there was none before it in which a job ran (asked for by a commit, nobody knows).
    """

    url: str
    number: int
    conclusion: str
    first: bool = False

    @property
    def ended(self) -> bool:
        """Whether it has ended."""
        return bool(self.conclusion)


def newest(github: GitHub, owner: str, repository: str, path: str, commit: str = "") -> WorkflowRun | None:
    """Return the newest run that a push set off, and in which a job ran; None: there is none yet.

    A push to a branch that is not published is a run, too, with every job skipped.

    Args:
        github: where.
        owner: of the repository.
        repository: its name.
        path: of the workflow's file.
        commit: the one that was pushed (empty: any).

    Raises:
        GitHubError: as `GitHub` does.
    """
    query = {"event": "push", "per_page": str(LOOKED_AT), **({"head_sha": commit} if commit else {})}
    name = path.rpartition("/")[2]
    found = github.send("GET", "repos", owner, repository, "actions", "workflows", name, "runs", query=query)
    runs = found["workflow_runs"] if found else ()
    ran = [each for each in runs if each["conclusion"] != "skipped"]
    if not ran:
        return None
    run, first = ran[0], not commit and len(ran) == 1 and len(runs) < LOOKED_AT
    ended = run["conclusion"] if run["status"] == "completed" else ""
    return WorkflowRun(str(run["html_url"]), int(run["id"]), str(ended or ""), first)


def failed_steps(github: GitHub, owner: str, repository: str, run: WorkflowRun) -> tuple[str, ...]:
    """Return the names of the steps that failed, in their order; none where GitHub does not tell.

    Raises:
        GitHubError: as `GitHub` does.
    """
    found = github.send("GET", "repos", owner, repository, "actions", "runs", str(run.number), "jobs")
    jobs = found["jobs"] if found else []
    return tuple(
        str(step["name"]) for job in jobs for step in job.get("steps") or () if step["conclusion"] == "failure"
    )
