"""What tests and the rest of the lab tell the running GitHub API, and what they read of it beside its own routes.

Every function takes the lab's state folder, speaks to the stand-in's ``/_lab/`` paths, and raises ``LabError`` when it
does not answer or refuses.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, Literal

import httpx

from lab import github
from lab.errors import LabError
from lab.github_api.faults import Fault


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


def secret(state: Path, owner: str, repository: str, name: str) -> str:
    """The value of an Actions secret, which the stand-in alone can decrypt."""
    return str(_ask(state, "GET", f"secrets/{owner}/{repository}/{name}").json()["value"])


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


def add_token(state: Path, user: str, token: str, scopes: Sequence[str], *, expires: str = "") -> None:
    """Add a user's token; ``expires`` such as ``2026-11-20 12:00:00 UTC``, empty for never."""
    _ask(state, "POST", "tokens", json={"user": user, "token": token, "scopes": list(scopes), "expires": expires})


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
        raise LabError(f"github: {url}: {error}", remedy="start the lab: python -m lab up") from error
    if found.is_error:
        raise LabError(f"github: {method} {url}: HTTP {found.status_code}: {found.text.strip()}")
    return found
