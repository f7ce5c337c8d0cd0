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
    environments,
    limits,
    objects,
    packages,
    people,
    protection,
    pulls,
    repositories,
    secrets,
    workflows,
)
from lab.github_api.exchange import Answer, Call

Handler = Callable[[Call], Answer]

REST = ("path", "ref", "branch")
"""Parameters that take the rest of a path, slashes included, but for what the template has behind them."""

CLOSED = "closed"
"""In place of a permission: for classic tokens alone."""

PEOPLE = "people"
"""In place of a permission: for users alone, with a token of any kind."""


@dataclass(frozen=True)
class Route:
    """One operation.

    ``scopes`` are those that a classic token must have, all of them, ``permission`` what one of another kind must, such
    as ``secrets:write``. ``anonymous`` ones need no token. ``purpose`` is what GitHub says that the scopes are for.
    """

    method: str
    template: str
    handler: Handler
    permission: str = "metadata:read"
    scopes: tuple[str, ...] = ()
    anonymous: bool = False
    purpose: str = ""


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
        text += (f"(?P<{part}>{'.*' if part in REST else '[^/]+'})") if index % 2 else re.escape(part)
    return re.compile(text)


def _packages() -> tuple[Route, ...]:
    found = []
    for base in ("/orgs/{org}", "/users/{username}", "/user"):
        package = f"{base}/packages/{{package_type}}/{{package_name}}"
        version = f"{package}/versions/{{package_version_id}}"
        read, delete = ("read:packages",), ("read:packages", "delete:packages")
        restore = ("read:packages", "write:packages")
        found += [
            Route("GET", f"{base}/packages", packages.listing, CLOSED, read, purpose="list packages"),
            Route("GET", package, packages.get, CLOSED, read, purpose="get a package"),
            Route("DELETE", package, packages.remove, CLOSED, delete, purpose="delete a package"),
            Route("POST", f"{package}/restore", packages.restore, CLOSED, restore, purpose="restore a package"),
            Route("GET", f"{package}/versions", packages.versions, CLOSED, read, purpose="get a package's versions"),
            Route("GET", version, packages.version, CLOSED, read, purpose="get a package version"),
            Route("DELETE", version, packages.remove_version, CLOSED, delete, purpose="delete a package version"),
            Route(
                *("POST", f"{version}/restore", packages.restore_version, CLOSED, restore),
                purpose="restore a package version",
            ),
        ]
    return tuple(found)


def _secrets(base: str, permission: str, scopes: tuple[str, ...] = ()) -> tuple[Route, ...]:
    read, write = f"{permission}:read", f"{permission}:write"
    one = f"{base}/{{secret_name}}"
    found = [
        Route("GET", base, secrets.listing, read, scopes),
        Route("GET", f"{base}/public-key", secrets.public_key, read, scopes),
        Route("GET", one, secrets.get, read, scopes),
        Route("PUT", one, secrets.put, write, scopes),
        Route("DELETE", one, secrets.remove, write, scopes),
    ]
    if base.startswith("/orgs/"):
        chosen = f"{one}/repositories"
        found += [
            Route("GET", chosen, secrets.selected, read, scopes),
            Route("PUT", chosen, secrets.select, write, scopes),
            Route("PUT", f"{chosen}/{{repository_id}}", secrets.select_one, write, scopes),
            Route("DELETE", f"{chosen}/{{repository_id}}", secrets.deselect_one, write, scopes),
        ]
    return tuple(found)


R = "/repos/{owner}/{repo}"
WORKFLOW = f"{R}/actions/workflows/{{workflow_id}}"
ENVIRONMENT = f"{R}/environments/{{environment_name}}"
ORGANIZATION = ("admin:org",)

ROUTES: tuple[Route, ...] = (
    Route("GET", "/rate_limit", limits.get, anonymous=True),
    Route("GET", "/user", people.me, PEOPLE),
    Route("GET", "/user/orgs", people.organizations, PEOPLE, ("read:org",)),
    Route("GET", "/user/memberships/orgs/{org}", people.membership, PEOPLE, ("read:org",)),
    Route("GET", "/users/{username}", people.user, anonymous=True),
    Route("GET", "/orgs/{org}", people.organization, anonymous=True),
    Route("GET", "/orgs/{org}/repos", repositories.listing, anonymous=True),
    Route("POST", "/orgs/{org}/repos", repositories.create, "administration:write", ("repo",)),
    Route(
        "GET", "/orgs/{org}/actions/permissions", actions.organization, "organization_administration:read", ORGANIZATION
    ),
    Route("GET", "/installation/repositories", repositories.installed),
    *_secrets("/orgs/{org}/actions/secrets", "organization_secrets", ORGANIZATION),
    *_secrets("/orgs/{org}/dependabot/secrets", "organization_dependabot_secrets", ORGANIZATION),
    *_packages(),
    Route("GET", R, repositories.get, anonymous=True),
    Route("GET", f"{R}/branches", commits.branches, "contents:read", anonymous=True),
    Route("GET", f"{R}/branches/{{branch}}/protection", protection.get, "administration:read"),
    Route("GET", f"{R}/branches/{{branch}}", commits.branch, "contents:read", anonymous=True),
    Route("GET", f"{R}/rules/branches/{{branch}}", protection.rules, anonymous=True),
    Route("GET", f"{R}/commits", commits.listing, "contents:read", anonymous=True),
    Route("GET", f"{R}/commits/{{ref}}", commits.get, "contents:read", anonymous=True),
    Route("GET", f"{R}/contents/{{path}}", contents.get, "contents:read", anonymous=True),
    Route("PUT", f"{R}/contents/{{path}}", contents.put, "contents:write"),
    Route("DELETE", f"{R}/contents/{{path}}", contents.remove, "contents:write"),
    Route("GET", f"{R}/git/ref/{{ref}}", commits.reference, "contents:read", anonymous=True),
    Route("POST", f"{R}/git/refs", commits.create_reference, "contents:write"),
    Route("PATCH", f"{R}/git/refs/{{ref}}", commits.update_reference, "contents:write"),
    Route("DELETE", f"{R}/git/refs/{{ref}}", commits.remove_reference, "contents:write"),
    Route("POST", f"{R}/git/commits", objects.create_commit, "contents:write"),
    Route("POST", f"{R}/git/trees", objects.create_tree, "contents:write"),
    Route("GET", f"{R}/git/trees/{{tree_sha}}", objects.tree, "contents:read", anonymous=True),
    Route("GET", f"{R}/pulls", pulls.listing, "pull_requests:read", anonymous=True),
    Route("POST", f"{R}/pulls", pulls.create, "pull_requests:write"),
    Route("GET", f"{R}/pulls/{{pull_number}}", pulls.get, "pull_requests:read", anonymous=True),
    Route("PATCH", f"{R}/pulls/{{pull_number}}", pulls.update, "pull_requests:write"),
    Route("PUT", f"{R}/pulls/{{pull_number}}/merge", pulls.merge, "contents:write"),
    Route("GET", f"{R}/issues/{{issue_number}}/comments", comments.listing, "pull_requests:read", anonymous=True),
    Route("POST", f"{R}/issues/{{issue_number}}/comments", comments.create, "pull_requests:write"),
    Route("GET", f"{R}/issues/comments/{{comment_id}}", comments.get, "pull_requests:read", anonymous=True),
    Route("PATCH", f"{R}/issues/comments/{{comment_id}}", comments.update, "pull_requests:write"),
    Route("DELETE", f"{R}/issues/comments/{{comment_id}}", comments.remove, "pull_requests:write"),
    Route("GET", f"{R}/environments", environments.listing, "actions:read", anonymous=True),
    Route("GET", ENVIRONMENT, environments.get, "actions:read", anonymous=True),
    Route("PUT", ENVIRONMENT, environments.put, "administration:write"),
    Route("DELETE", ENVIRONMENT, environments.remove, "administration:write"),
    *_secrets(f"{ENVIRONMENT}/secrets", "environments"),
    *_secrets(f"{R}/actions/secrets", "secrets"),
    *_secrets(f"{R}/dependabot/secrets", "dependabot_secrets"),
    Route("GET", f"{R}/actions/organization-secrets", secrets.shared, "secrets:read"),
    Route("GET", f"{R}/actions/permissions", actions.permissions, "administration:read"),
    Route("PUT", f"{R}/actions/permissions", actions.set_permissions, "administration:write"),
    Route("GET", f"{R}/actions/permissions/workflow", actions.workflow_permissions, "administration:read"),
    Route("PUT", f"{R}/actions/permissions/workflow", actions.set_workflow_permissions, "administration:write"),
    Route("GET", f"{R}/actions/workflows", workflows.listing, "actions:read", anonymous=True),
    Route("GET", WORKFLOW, workflows.get, "actions:read", anonymous=True),
    Route("POST", f"{WORKFLOW}/dispatches", workflows.dispatch, "actions:write"),
    Route("GET", f"{WORKFLOW}/runs", workflows.runs, "actions:read", anonymous=True),
    Route("GET", f"{R}/actions/runs", workflows.runs, "actions:read", anonymous=True),
    Route("GET", f"{R}/actions/runs/{{run_id}}", workflows.run, "actions:read", anonymous=True),
    Route("GET", f"{R}/actions/runs/{{run_id}}/jobs", workflows.jobs, "actions:read", anonymous=True),
)
"""In the order in which they are tried: a fixed name before a parameter in its place."""
