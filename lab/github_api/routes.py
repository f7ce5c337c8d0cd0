"""Every operation that the stand-in has: method and path as GitHub's description writes them, and who may call it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from urllib.parse import unquote

from lab.github_api import (
    actions,
    comments,
    commits,
    contents,
    limits,
    objects,
    packages,
    people,
    pulls,
    repositories,
    secrets,
    workflows,
)
from lab.github_api.exchange import Answer, Call

Handler = Callable[[Call], Answer]

REST = ("path", "ref", "branch")
"""Parameters that take the rest of a path, slashes included."""


@dataclass(frozen=True)
class Route:
    """One operation. ``scopes`` are those that a token must have, all of them; ``anonymous`` ones need no token."""

    method: str
    template: str
    handler: Handler
    scopes: tuple[str, ...] = ()
    anonymous: bool = False


def match(method: str, path: str) -> tuple[Route, dict[str, str]] | None:
    """The route of a raw path (still percent-encoded, so that ``%2F`` separates nothing) and its decoded parameters."""
    for route in ROUTES:
        if route.method == method and (found := _pattern(route.template).fullmatch(path)):
            return route, {name: unquote(value) for name, value in found.groupdict().items()}
    return None


@cache
def _pattern(template: str) -> re.Pattern[str]:
    parts = re.split(r"\{(\w+)\}", template)
    text = ""
    for index, part in enumerate(parts):
        rest = part in REST and index == len(parts) - 2
        text += (f"(?P<{part}>{'.*' if rest else '[^/]+'})") if index % 2 else re.escape(part)
    return re.compile(text)


def _packages() -> tuple[Route, ...]:
    found = []
    for base in ("/orgs/{org}", "/users/{username}", "/user"):
        package = f"{base}/packages/{{package_type}}/{{package_name}}"
        version = f"{package}/versions/{{package_version_id}}"
        read, delete = ("read:packages",), ("read:packages", "delete:packages")
        restore = ("read:packages", "write:packages")
        found += [
            Route("GET", f"{base}/packages", packages.listing, read),
            Route("GET", package, packages.get, read),
            Route("DELETE", package, packages.remove, delete),
            Route("POST", f"{package}/restore", packages.restore, restore),
            Route("GET", f"{package}/versions", packages.versions, read),
            Route("GET", version, packages.version, read),
            Route("DELETE", version, packages.remove_version, delete),
            Route("POST", f"{version}/restore", packages.restore_version, restore),
        ]
    return tuple(found)


R = "/repos/{owner}/{repo}"
WORKFLOW = f"{R}/actions/workflows/{{workflow_id}}"

ROUTES: tuple[Route, ...] = (
    Route("GET", "/rate_limit", limits.get, anonymous=True),
    Route("GET", "/user", people.me),
    Route("GET", "/users/{username}", people.user, anonymous=True),
    Route("GET", "/orgs/{org}", people.organization, anonymous=True),
    Route("GET", "/orgs/{org}/repos", repositories.listing, anonymous=True),
    Route("POST", "/orgs/{org}/repos", repositories.create, ("repo",)),
    *_packages(),
    Route("GET", R, repositories.get, anonymous=True),
    Route("GET", f"{R}/branches", commits.branches, anonymous=True),
    Route("GET", f"{R}/branches/{{branch}}", commits.branch, anonymous=True),
    Route("GET", f"{R}/commits", commits.listing, anonymous=True),
    Route("GET", f"{R}/commits/{{ref}}", commits.get, anonymous=True),
    Route("GET", f"{R}/contents/{{path}}", contents.get, anonymous=True),
    Route("PUT", f"{R}/contents/{{path}}", contents.put),
    Route("DELETE", f"{R}/contents/{{path}}", contents.remove),
    Route("GET", f"{R}/git/ref/{{ref}}", commits.reference, anonymous=True),
    Route("POST", f"{R}/git/refs", commits.create_reference),
    Route("PATCH", f"{R}/git/refs/{{ref}}", commits.update_reference),
    Route("DELETE", f"{R}/git/refs/{{ref}}", commits.remove_reference),
    Route("POST", f"{R}/git/commits", objects.create_commit),
    Route("POST", f"{R}/git/trees", objects.create_tree),
    Route("GET", f"{R}/git/trees/{{tree_sha}}", objects.tree, anonymous=True),
    Route("GET", f"{R}/pulls", pulls.listing, anonymous=True),
    Route("POST", f"{R}/pulls", pulls.create),
    Route("GET", f"{R}/pulls/{{pull_number}}", pulls.get, anonymous=True),
    Route("PATCH", f"{R}/pulls/{{pull_number}}", pulls.update),
    Route("PUT", f"{R}/pulls/{{pull_number}}/merge", pulls.merge),
    Route("GET", f"{R}/issues/{{issue_number}}/comments", comments.listing, anonymous=True),
    Route("POST", f"{R}/issues/{{issue_number}}/comments", comments.create),
    Route("GET", f"{R}/issues/comments/{{comment_id}}", comments.get, anonymous=True),
    Route("PATCH", f"{R}/issues/comments/{{comment_id}}", comments.update),
    Route("DELETE", f"{R}/issues/comments/{{comment_id}}", comments.remove),
    Route("GET", f"{R}/actions/secrets", secrets.listing),
    Route("GET", f"{R}/actions/secrets/public-key", secrets.public_key),
    Route("GET", f"{R}/actions/secrets/{{secret_name}}", secrets.get),
    Route("PUT", f"{R}/actions/secrets/{{secret_name}}", secrets.put),
    Route("DELETE", f"{R}/actions/secrets/{{secret_name}}", secrets.remove),
    Route("GET", f"{R}/actions/permissions", actions.permissions),
    Route("PUT", f"{R}/actions/permissions", actions.set_permissions),
    Route("GET", f"{R}/actions/permissions/workflow", actions.workflow_permissions),
    Route("PUT", f"{R}/actions/permissions/workflow", actions.set_workflow_permissions),
    Route("GET", f"{R}/actions/workflows", workflows.listing, anonymous=True),
    Route("GET", WORKFLOW, workflows.get, anonymous=True),
    Route("POST", f"{WORKFLOW}/dispatches", workflows.dispatch),
    Route("GET", f"{WORKFLOW}/runs", workflows.runs, anonymous=True),
    Route("GET", f"{R}/actions/runs", workflows.runs, anonymous=True),
    Route("GET", f"{R}/actions/runs/{{run_id}}", workflows.run, anonymous=True),
)
"""In the order in which they are tried: a fixed name before a parameter in its place."""
