"""The scopes of classic tokens, as far as a migration meets them: which holds which.

https://docs.github.com/en/apps/oauth-apps/building-oauth-apps/scopes-for-oauth-apps; GitHub's headers leave out what
another scope of the same token holds.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

_HOLDS: Final[dict[str, tuple[str, ...]]] = {
    "repo": ("public_repo", "repo:invite", "repo:status", "repo_deployment", "security_events"),
    "write:packages": ("read:packages",),
    "admin:org": ("write:org", "read:org", "manage_runners:org"),
    "write:org": ("read:org",),
    "admin:repo_hook": ("write:repo_hook", "read:repo_hook"),
    "write:repo_hook": ("read:repo_hook",),
    "admin:public_key": ("write:public_key", "read:public_key"),
    "write:public_key": ("read:public_key",),
    "admin:enterprise": ("manage_runners:enterprise", "manage_billing:enterprise", "read:enterprise"),
    "user": ("read:user", "user:email", "user:follow"),
    "project": ("read:project",),
}


def lacking(scopes: Iterable[str], needed: Iterable[str]) -> tuple[str, ...]:
    """Return the scopes that are needed and that a token has not, sorted."""
    return tuple(sorted(set(needed) - _held(scopes)))


def superfluous(scopes: Iterable[str], needed: Iterable[str]) -> tuple[str, ...]:
    """Return the scopes of a token that nothing needs, sorted; one that holds more than what is needed is among them.

    >>> superfluous(["delete:packages", "write:packages"], ["read:packages"])
    ('delete:packages', 'write:packages')
    """
    return tuple(sorted(set(scopes) - _held(needed)))


def least(needed: Iterable[str]) -> tuple[str, ...]:
    """Return the scopes to ask for: those that are needed, without what another of them holds.

    >>> least(["read:packages", "repo", "write:packages"])
    ('repo', 'write:packages')
    """
    wanted = set(needed)
    return tuple(sorted(each for each in wanted if each not in _held(wanted - {each})))


def _held(scopes: Iterable[str]) -> set[str]:
    found = set(scopes)
    return found | {below for each in found for below in _HOLDS.get(each, ())}
