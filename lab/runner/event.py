"""What happened to a repository, as GitHub tells it to a run: a push, a pull request, or the end of another run.

https://docs.github.com/en/webhooks/webhook-events-and-payloads
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any, Literal

Document = dict[str, Any]


@dataclass(frozen=True)
class Ended:
    """The end of a run: what had started it, the name of its workflow, and its conclusion."""

    event: Event
    workflow: str
    conclusion: str = "success"


@dataclass(frozen=True)
class Event:
    """One event.

    ``name`` is the branch or tag that was pushed, or the branch that a pull request wants in; ``commit`` what it names.
    ``number`` is a pull request's, and ``fork`` the owner of the fork that it comes from, empty for none; ``head`` is
    the commit of its branch, where ``commit`` merges that. ``run`` is the number of the run that it starts. ``inputs``
    are what a caller, or a person, gives to the workflow. ``ended`` is the run that ended.
    """

    kind: Literal["push", "pull_request", "workflow_run", "workflow_dispatch"]
    ref: Literal["branch", "tag"]
    name: str
    commit: str
    number: int = 0
    fork: str = ""
    actor: str = "acme-admin"
    head: str = ""
    run: int = 1
    inputs: Mapping[str, str] = field(default_factory=dict)
    ended: Ended | None = None

    @property
    def reference(self) -> str:
        """The full reference that the run is about."""
        if self.kind == "pull_request":
            return f"refs/pull/{self.number}/merge"
        return f"refs/{'tags' if self.ref == 'tag' else 'heads'}/{self.name}"


def push(branch: str, commit: str) -> Event:
    """A push of a branch."""
    return Event("push", "branch", branch, commit)


def tag(name: str, commit: str) -> Event:
    """A push of a tag."""
    return Event("push", "tag", name, commit)


def pull_request(branch: str, commit: str, number: int = 1, *, fork: str = "", head: str = "", run: int = 1) -> Event:
    """A pull request was opened, from a branch of the repository or of somebody's fork."""
    return Event("pull_request", "branch", branch, commit, number, fork, head=head, run=run)


def run_ended(branch: str, commit: str, ended: Ended, run: int) -> Event:
    """A run has ended; what follows it runs with the default branch and its commit."""
    return Event("workflow_run", "branch", branch, commit, run=run, ended=ended)


def dispatched(branch: str, commit: str, inputs: Mapping[str, str], run: int = 1) -> Event:
    """Somebody runs a workflow of a branch."""
    return Event("workflow_dispatch", "branch", branch, commit, run=run, inputs=inputs)


def payload(event: Event, repository: Mapping[str, Any]) -> Document:
    """The event's payload; ``repository`` as the API shows it."""
    told: Document = {"repository": dict(repository), "sender": {"login": event.actor, "type": "User"}}
    if event.kind == "push":
        before = "0" * 40
        pushed = {"ref": event.reference, "before": before, "after": event.commit, "created": True, "deleted": False}
        return {**told, **pushed, "forced": False, "base_ref": None, "head_commit": {"id": event.commit}, "commits": []}
    if event.kind == "workflow_dispatch":
        return {**told, "ref": event.reference, "inputs": dict(event.inputs)}
    if event.ended is not None:
        return {**told, "action": "completed", "workflow_run": _ended(event.ended, repository)}
    base = {"ref": repository["default_branch"], "sha": event.commit, "repo": dict(repository)}
    head = {"ref": event.name, "sha": event.head or event.commit, "repo": _head(event, repository)}
    request = {"number": event.number, "state": "open", "merged": False, "draft": False, "head": head, "base": base}
    return {**told, "action": "opened", "number": event.number, "pull_request": request}


def _head(event: Event, repository: Mapping[str, Any]) -> Document:
    """The repository that a pull request comes from."""
    fork = {"fork": True, "full_name": f"{event.fork}/{repository['name']}"} if event.fork else {}
    return {**repository, **fork}


def _ended(ended: Ended, repository: Mapping[str, Any]) -> Document:
    event = ended.event
    return {
        "id": event.run,
        "name": ended.workflow,
        "event": event.kind,
        "status": "completed",
        "conclusion": ended.conclusion,
        "head_branch": event.name,
        "head_sha": event.head or event.commit,
        "head_repository": _head(event, repository),
        "repository": dict(repository),
        "pull_requests": [],  # GitHub tells none of a fork's
        "actor": {"login": event.actor, "type": "User"},
    }


def starts(workflow: Mapping[Any, Any], event: Event, default_branch: str) -> bool:
    """Whether a workflow listens to the event: by its kind, and by its filters of branches and tags."""
    on: Any = workflow["on"]
    listed = {on: None} if isinstance(on, str) else dict.fromkeys(on) if isinstance(on, list) else on or {}
    if event.kind not in listed:
        return False
    filters = listed[event.kind] or {}
    if event.kind == "workflow_dispatch":
        return True
    if event.ended is not None:
        return event.ended.workflow in filters.get("workflows", ()) and "completed" in filters.get(
            "types", ("completed",)
        )
    if event.kind == "pull_request":
        return _matches(filters.get("branches"), filters.get("branches-ignore"), default_branch)
    kinds = ("tags", "branches") if event.ref == "tag" else ("branches", "tags")
    ours, others = ((filters.get(kind), filters.get(f"{kind}-ignore")) for kind in kinds)
    if ours == (None, None) and others != (None, None):
        return False
    return _matches(*ours, event.name)


def _matches(wanted: Any, unwanted: Any, name: str) -> bool:
    if unwanted is not None:
        return not any(_fits(name, str(one)) for one in unwanted)
    if wanted is None:
        return True
    found = False
    for one in wanted:  # the last that fits decides
        if _fits(name, str(one).removeprefix("!")):
            found = not str(one).startswith("!")
    return found


def _fits(name: str, pattern: str) -> bool:
    """Whether a name fits a pattern, in which ``*`` stops at a slash and ``**`` does not."""
    if "**" in pattern:
        return fnmatchcase(name, pattern.replace("**", "*"))
    return fnmatchcase(name, pattern) and name.count("/") == pattern.count("/")
