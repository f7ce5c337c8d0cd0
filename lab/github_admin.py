"""What tests and the rest of the lab tell the running GitHub API, and what they read of it beside its own routes.

Every function takes the lab's state folder, speaks to the stand-in's ``/_lab/`` paths, and raises ``LabError`` when it
does not answer or refuses.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Literal

import httpx

from lab import github
from lab.accounts import Action
from lab.errors import LabError
from lab.github_api.faults import Fault
from lab.github_api.token import Kind

SecretKind = Literal["actions", "dependabot"]


@dataclass(frozen=True)
class Suggestion:
    """A pull request: its number, its head's commit, and the one that merges it (empty where it cannot be merged)."""

    number: int
    head: str
    merge: str


def inject(state: Path, fault: Fault, *, path: str = "", method: str = "", count: int = 0) -> None:
    """Let something go wrong, after the faults that are already waiting.

    ``path``, ``method`` and ``count`` replace those of a fault made beforehand, such as ``faults.SECONDARY_LIMIT``.
    """
    chosen = replace(
        fault, path=path or fault.path, method=method or fault.method, count=count if count else fault.count
    )
    _ask(state, "POST", "faults", json=asdict(chosen))


def faults(state: Path) -> list[dict[str, Any]]:
    """The faults that have not happened yet, with the counts that are left."""
    found: list[dict[str, Any]] = _ask(state, "GET", "faults").json()
    return found


def clear_faults(state: Path) -> None:
    """Drop all faults that have not happened yet."""
    _ask(state, "DELETE", "faults")


def counters(state: Path) -> dict[str, int]:
    """Calls since the start or the last reset, by method and path, as GitHub's description writes the path."""
    found: dict[str, int] = _ask(state, "GET", "counters").json()
    return found


def reset_counters(state: Path) -> None:
    """Count from zero again."""
    _ask(state, "DELETE", "counters")


def violations(state: Path) -> list[str]:
    """What requests and answers since the start broke of GitHub's description, one line each."""
    found: list[str] = _ask(state, "GET", "violations").json()
    return found


def calls(state: Path) -> list[dict[str, Any]]:
    """Every call since the start or the last reset: method, template, path, status and user (empty where refused).

    The template is the path as GitHub's description writes it, or the path itself where there is none.
    """
    found: list[dict[str, Any]] = _ask(state, "GET", "calls").json()
    return found


def reset_calls(state: Path) -> None:
    """Forget the calls so far."""
    _ask(state, "DELETE", "calls")


def secret(
    state: Path, owner: str, repository: str, name: str, *, environment: str = "", kind: SecretKind = "actions"
) -> str:
    """The value of a secret, which the stand-in alone can decrypt; without a repository the organisation's."""
    body = {"owner": owner, "repository": repository, "name": name, "environment": environment, "kind": kind}
    return str(_ask(state, "POST", "secret-value", json=body).json()["value"])


def set_secret(
    state: Path,
    owner: str,
    repository: str,
    name: str,
    value: str,
    *,
    environment: str = "",
    kind: SecretKind = "actions",
) -> None:
    """Set a secret as somebody else may do; its time of change is this second."""
    body = {"owner": owner, "repository": repository, "name": name, "environment": environment, "kind": kind}
    _ask(state, "PUT", "secret", json={**body, "value": value})


def secrets(
    state: Path, owner: str, repository: str, *, environment: str = "", kind: SecretKind = "actions"
) -> dict[str, str]:
    """All secrets that a job in the repository sees, the organisation's among them: name to value."""
    body = {"owner": owner, "repository": repository, "environment": environment, "kind": kind}
    found: dict[str, str] = _ask(state, "POST", "secret-values", json=body).json()
    return found


def add_organization(state: Path, login: str, owners: Sequence[str]) -> None:
    """Add an organisation, or replace its owners."""
    _ask(state, "POST", "organizations", json={"login": login, "owners": list(owners)})


def add_repository(
    state: Path,
    owner: str,
    name: str,
    files: Mapping[str, str] | None = None,
    *,
    private: bool = False,
    branch: str = "main",
) -> None:
    """Add a repository, or begin it anew, with a first commit of these files on its default branch (none: empty)."""
    body = {"owner": owner, "name": name, "private": private, "branch": branch, "files": dict(files or {})}
    _ask(state, "POST", "repositories", json=body)


def repository(state: Path, owner: str, name: str) -> dict[str, Any]:
    """A repository as GitHub shows it in events, whoever asks."""
    found: dict[str, Any] = _ask(state, "POST", "repository", json={"owner": owner, "name": name}).json()
    return found


def workflow_permissions(state: Path, owner: str, name: str) -> str:
    """What a repository's settings let a workflow's token do where the workflow does not say: ``read`` or ``write``."""
    return str(_ask(state, "POST", "workflow-permissions", json={"owner": owner, "name": name}).json()["default"])


def files(state: Path, owner: str, name: str, reference: str) -> dict[str, bytes]:
    """All files of a commit, branch or tag: path to content."""
    body = {"owner": owner, "name": name, "reference": reference}
    found: dict[str, str] = _ask(state, "POST", "files", json=body).json()
    return {path: base64.b64decode(content) for path, content in found.items()}


def objects(state: Path, owner: str, name: str, reference: str) -> tuple[str, list[bytes]]:
    """A commit's name, and git's own objects of it and of all before it."""
    body = {"owner": owner, "name": name, "reference": reference}
    found = _ask(state, "POST", "git-objects", json=body).json()
    return str(found["commit"]), [base64.b64decode(each) for each in found["objects"]]


def add_token(
    state: Path,
    user: str,
    token: str,
    scopes: Sequence[str] = (),
    *,
    expires: str = "",
    kind: Kind | None = None,
    permissions: Mapping[str, str] | None = None,
    repositories: Sequence[str] = (),
    grants: Mapping[str, Sequence[Action]] | None = None,
    unauthorized: Sequence[str] = (),
) -> None:
    """Add a token, which counts at GHCR as well, or replace it.

    Args:
        state: the lab's state folder.
        user: whose it is; ``github-actions[bot]`` for a GITHUB_TOKEN.
        token: its text.
        scopes: of a classic token.
        expires: such as ``2026-11-20 12:00:00 UTC``, empty for never.
        kind: what it looks like unless told (``github_pat_…``, ``ghs_…``); a GITHUB_TOKEN must be told (``actions``).
        permissions: of any other kind than classic, such as ``{"secrets": "write"}``.
        repositories: that such a token concerns, as patterns of ``owner/name``; a GITHUB_TOKEN's is one.
        grants: packages of others that the user was let in to: pattern to actions.
        unauthorized: organisations whose single sign-on the token was not authorised for.
    """
    body = {
        "user": user,
        "token": token,
        "scopes": list(scopes),
        "expires": expires,
        "kind": kind,
        "permissions": dict(permissions or {}),
        "repositories": list(repositories),
        "grants": {pattern: list(actions) for pattern, actions in (grants or {}).items()},
        "unauthorized": list(unauthorized),
    }
    _ask(state, "POST", "tokens", json=body)


def revoke_token(state: Path, token: str) -> None:
    """Let a token that was added be unknown."""
    _ask(state, "DELETE", "tokens", json={"token": token})


def add_collaborator(state: Path, owner: str, name: str, user: str, right: Literal["read", "write", "admin"]) -> None:
    """Let a user in to a repository."""
    _ask(state, "PUT", "collaborators", json={"owner": owner, "name": name, "user": user, "right": right})


def protect(
    state: Path,
    owner: str,
    name: str,
    branch: str = "",
    *,
    reviews: int = 0,
    checks: Sequence[str] = (),
    admins: bool = True,
    ruleset: bool = False,
) -> None:
    """Let a branch (the default one unless told) change by pull requests alone.

    ``reviews`` are approvals that a merge needs, ``checks`` names that must have succeeded; nobody approves in a lab,
    so that only ``merge_pull`` merges then. ``admins`` binds administrators, too. A ``ruleset`` refuses in other words,
    and is not told by ``GET …/branches/{branch}/protection``.
    """
    body = {"owner": owner, "name": name, "branch": branch, "reviews": reviews, "checks": list(checks)}
    _ask(state, "PUT", "protection", json={**body, "admins": admins, "ruleset": ruleset})


def unprotect(state: Path, owner: str, name: str, branch: str = "") -> None:
    """Protect a branch no more."""
    _ask(state, "PUT", "protection", json={"owner": owner, "name": name, "branch": branch, "off": True})


def commit(
    state: Path,
    owner: str,
    name: str,
    files: Mapping[str, str | None],
    *,
    branch: str = "",
    user: str = "acme-reviewer",
    message: str = "",
) -> str:
    """Push somebody's commit to a branch (the default one unless told), protected or not; returns it. None removes."""
    body = {"owner": owner, "name": name, "files": dict(files), "branch": branch, "user": user, "message": message}
    return str(_ask(state, "POST", "commits", json=body).json()["sha"])


def suggest(
    state: Path,
    owner: str,
    name: str,
    branch: str,
    files: Mapping[str, str | None],
    *,
    fork: str = "",
    user: str = "acme-reviewer",
) -> Suggestion:
    """Push somebody's commit to a branch, of the repository or of a fork, and open its pull request if there is none.

    ``fork`` is its owner; None removes a file.
    """
    body = {"owner": owner, "name": name, "branch": branch, "files": dict(files), "fork": fork, "user": fork or user}
    return Suggestion(**_ask(state, "POST", "pulls", json=body).json())


def merge_pull(
    state: Path,
    owner: str,
    name: str,
    number: int,
    *,
    delete_branch: bool = False,
    method: Literal["merge", "squash", "rebase"] = "merge",
    user: str = "acme-reviewer",
) -> None:
    """Merge a pull request as somebody does on its page, whatever protects the branch."""
    body = {"owner": owner, "name": name, "number": number, "state": "merged", "method": method, "user": user}
    _ask(state, "PUT", "pulls", json={**body, "delete_branch": delete_branch})


def close_pull(state: Path, owner: str, name: str, number: int, *, delete_branch: bool = False) -> None:
    """Close a pull request without merging it."""
    body = {"owner": owner, "name": name, "number": number, "state": "closed", "delete_branch": delete_branch}
    _ask(state, "PUT", "pulls", json=body)


def runs(state: Path, owner: str, name: str) -> list[dict[str, Any]]:
    """The runs of a repository, oldest first: path, event, branch, commit, status, conclusion among others."""
    found: list[dict[str, Any]] = _ask(state, "POST", "run-list", json={"owner": owner, "name": name}).json()
    return found


def set_run(
    state: Path, owner: str, name: str, status: str, conclusion: str | None = None, *, step: str = "", run: int = 0
) -> None:
    """Let a run (the newest unless told) be ``queued``, ``in_progress`` or ``completed``, with a conclusion then.

    ``step`` names the step that failed, the last one unless told. Raises ``LabError`` where there is no such run.
    """
    body = {"owner": owner, "name": name, "status": status, "conclusion": conclusion, "step": step, "run": run}
    _ask(state, "PUT", "runs", json=body)


def set_new_runs(
    state: Path, owner: str, name: str, status: str = "completed", conclusion: str | None = "success", *, step: str = ""
) -> None:
    """Let every run that starts from now on have this outcome."""
    body = {"owner": owner, "name": name, "status": status, "conclusion": conclusion, "step": step}
    _ask(state, "PUT", "new-runs", json=body)


def link_package(state: Path, owner: str, package: str, repository: str) -> None:
    """Link a package to a repository (``owner/name``), or to none, as its settings page does."""
    _ask(state, "PUT", "package-link", json={"owner": owner, "name": package, "repository": repository})


def allow_package(
    state: Path, owner: str, package: str, repository: str, role: Literal["read", "write", "admin", ""]
) -> None:
    """Let a repository's workflows use a package, as its settings page does; an empty role ends that."""
    _ask(state, "PUT", "package-access", json={"owner": owner, "name": package, "repository": repository, "role": role})


def set_visibility(state: Path, owner: str, package: str, wanted: Literal["public", "private"]) -> None:
    """Do what a package's settings page does: here and at the registry. A public package stays public."""
    _ask(state, "PUT", "visibility", json={"owner": owner, "name": package, "visibility": wanted})


def reset(state: Path) -> None:
    """Let everything be as after the first start."""
    _ask(state, "POST", "reset")


def _ask(state: Path, method: str, path: str, **more: Any) -> httpx.Response:
    url = f"{github.endpoint(state)}/_lab/{path}"
    try:
        found = httpx.request(method, url, timeout=10, trust_env=False, **more)
    except httpx.HTTPError as error:
        raise LabError(f"github: {url}: {error}", remedy="start the lab: python3 -m lab up") from error
    if found.is_error:
        raise LabError(f"github: {method} {url}: HTTP {found.status_code}: {found.text.strip()}")
    return found
