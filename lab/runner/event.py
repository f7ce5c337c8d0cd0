"""What happened to a repository, as GitHub tells it to a run: a push of a branch or a tag, or a pull request.

https://docs.github.com/en/webhooks/webhook-events-and-payloads
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any, Literal

Document = dict[str, Any]


@dataclass(frozen=True)
class Event:
    """One event.

    ``name`` is the branch or tag that was pushed, or the branch that a pull request wants in; ``commit`` what it names.
    ``number`` is a pull request's, and ``fork`` the owner of the fork that it comes from, empty for none.
    """

    kind: Literal["push", "pull_request"]
    ref: Literal["branch", "tag"]
    name: str
    commit: str
    number: int = 0
    fork: str = ""
    actor: str = "acme-admin"

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


def pull_request(branch: str, commit: str, number: int = 1, *, fork: str = "") -> Event:
    """A pull request was opened, from a branch of the repository or of somebody's fork."""
    return Event("pull_request", "branch", branch, commit, number, fork)


def payload(event: Event, repository: Mapping[str, Any]) -> Document:
    """The event's payload; ``repository`` as the API shows it."""
    told: Document = {"repository": dict(repository), "sender": {"login": event.actor, "type": "User"}}
    if event.kind == "push":
        before = "0" * 40
        pushed = {"ref": event.reference, "before": before, "after": event.commit, "created": True, "deleted": False}
        return {**told, **pushed, "forced": False, "base_ref": None, "head_commit": {"id": event.commit}, "commits": []}
    base = {"ref": repository["default_branch"], "sha": event.commit, "repo": dict(repository)}
    head_repository = dict(repository)
    if event.fork:
        head_repository |= {"fork": True, "full_name": f"{event.fork}/{repository['name']}"}
    head = {"ref": event.name, "sha": event.commit, "repo": head_repository}
    request = {"number": event.number, "state": "open", "merged": False, "draft": False, "head": head, "base": base}
    return {**told, "action": "opened", "number": event.number, "pull_request": request}


def starts(workflow: Mapping[Any, Any], event: Event, default_branch: str) -> bool:
    """Whether a workflow listens to the event: by its kind, and by its filters of branches and tags."""
    on: Any = workflow["on"]
    listed = {on: None} if isinstance(on, str) else dict.fromkeys(on) if isinstance(on, list) else on or {}
    if event.kind not in listed:
        return False
    filters = listed[event.kind] or {}
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
