"""The newest run of a workflow, and which of its steps failed.

https://docs.github.com/en/rest/actions/workflow-runs and https://docs.github.com/en/rest/actions/workflow-jobs.
"""

from __future__ import annotations

from dataclasses import dataclass

from .client import GitHub


@dataclass(frozen=True, slots=True)
class WorkflowRun:
    """One run: its page, GitHub's number of it, and how it ended (``success``, ``failure``…; empty: it has not)."""

    url: str
    number: int
    conclusion: str

    @property
    def ended(self) -> bool:
        """Whether it has ended."""
        return bool(self.conclusion)


def newest(github: GitHub, owner: str, repository: str, path: str, commit: str = "") -> WorkflowRun | None:
    """Return the newest run that a push set off; None: there is none yet.

    Args:
        github: where.
        owner: of the repository.
        repository: its name.
        path: of the workflow's file.
        commit: the one that was pushed (empty: any).

    Raises:
        GitHubError: as `GitHub` does.
    """
    query = {"event": "push", "per_page": "1", **({"head_sha": commit} if commit else {})}
    name = path.rpartition("/")[2]
    found = github.send("GET", "repos", owner, repository, "actions", "workflows", name, "runs", query=query)
    runs = found["workflow_runs"] if found else []
    if not runs:
        return None
    ended = runs[0]["conclusion"] if runs[0]["status"] == "completed" else ""
    return WorkflowRun(str(runs[0]["html_url"]), int(runs[0]["id"]), str(ended or ""))


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
