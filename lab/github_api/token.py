"""What a caller shows: whose token it is, of which kind, and what it opens.

https://docs.github.com/en/authentication/keeping-your-account-and-data-secure/about-authentication-to-github
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Literal, get_args

from lab.accounts import Action

Kind = Literal["classic", "fine-grained", "installation", "actions"]
"""Personal access tokens, classic and fine-grained, those of an App's installation, and a workflow's GITHUB_TOKEN."""

KINDS: tuple[Kind, ...] = get_args(Kind)

LEVELS = ("none", "read", "write", "admin")
"""Of a permission, each with what the one before may do."""

IMPLIED: Mapping[str, tuple[str, ...]] = {
    "admin:org": ("read:org", "write:org"),
    "write:org": ("read:org",),
    "write:packages": ("read:packages",),
}
"""Scopes that bring others with them."""

PREFIXES: Mapping[str, Kind] = {"github_pat_": "fine-grained", "ghs_": "installation"}
"""How GitHub marks kinds; a GITHUB_TOKEN looks like any installation's."""


@dataclass(frozen=True)
class Token:
    """A valid token.

    ``scopes`` are a classic token's, ``permissions`` (such as ``secrets`` to ``write``) those of all other kinds, which
    concern ``repositories`` alone: patterns of ``owner/name``. ``grants`` are packages that their owner lets the user
    pull or push. ``unauthorized`` are organisations with single sign-on that the token has not been authorised for.
    ``expires`` is as GitHub writes it, empty for never.
    """

    user: str
    kind: Kind = "classic"
    scopes: tuple[str, ...] = ()
    permissions: Mapping[str, str] = field(default_factory=dict)
    repositories: tuple[str, ...] = ()
    grants: tuple[tuple[str, frozenset[Action]], ...] = ()
    unauthorized: tuple[str, ...] = ()
    expires: str = ""

    @property
    def classic(self) -> bool:
        """Whether scopes say what it opens, rather than permissions."""
        return self.kind == "classic"

    @property
    def integration(self) -> bool:
        """Whether it acts for an App rather than for a user."""
        return self.kind in ("installation", "actions")

    @property
    def inaccessible(self) -> str:
        """GitHub's words for what a token without the permission asks for."""
        return f"Resource not accessible by {'integration' if self.integration else 'personal access token'}"

    @property
    def writes_workflows(self) -> bool:
        """Whether it may change files in ``.github/workflows``."""
        return "workflow" in self.scopes if self.classic else self.permits("workflows:write")

    def has(self, scope: str) -> bool:
        """Whether a classic token has a scope, or one that brings it."""
        return any(scope == one or scope in IMPLIED.get(one, ()) for one in self.scopes)

    def permits(self, permission: str) -> bool:
        """Whether a token that is not classic has a permission such as ``secrets:write``; all of them read metadata."""
        name, _, level = permission.partition(":")
        held = self.permissions.get(name, "read" if name == "metadata" else "none")
        return LEVELS.index(held) >= LEVELS.index(level)

    def covers(self, repository: str) -> bool:
        """Whether the token concerns a repository, ``owner/name``; a classic one concerns all that its user sees."""
        return self.classic or any(fnmatchcase(repository.lower(), one.lower()) for one in self.repositories)


def kind(text: str) -> Kind:
    """The kind that a token's look tells."""
    return next((found for prefix, found in PREFIXES.items() if text.startswith(prefix)), "classic")
