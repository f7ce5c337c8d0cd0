"""What a token of GitHub's opens at GHCR: asked by the registry's front about those that it does not know itself.

https://docs.github.com/en/packages/working-with-a-github-packages-registry/working-with-the-container-registry and
https://docs.github.com/en/packages/managing-github-packages-using-github-actions-workflows
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase

from lab.github_api import packages, people, tokens
from lab.github_api.exchange import Document, Refusal
from lab.github_api.store import Store
from lab.github_api.token import Token

SCOPES: Mapping[str, tuple[str, str]] = {
    "pull": ("read:packages", "read"),
    "push": ("write:packages", "write"),
    "delete": ("delete:packages", "admin"),
}
"""Action to the scope of a classic token, and to the level of a GITHUB_TOKEN's ``packages`` permission."""


def answer(store: Store, user: str, text: str, wanted: Mapping[str, Sequence[str]]) -> Document:
    """Whether the login succeeds, as whom, and which of the wanted actions it has on each repository of GHCR.

    A fine-grained token does not even log in; an App's does, and opens nothing. The user's name must be the token's,
    except for tokens of Apps and workflows, which belong to no user.
    """
    try:
        token = tokens.known(store, text)
    except Refusal:
        return {"login": False}
    if token.kind == "fine-grained" or not (token.integration or token.user.lower() == user.lower()):
        return {"login": False}
    allowed = {name: [one for one in actions if _allowed(store, token, name, one)] for name, actions in wanted.items()}
    return {"login": True, "subject": subject(token), "allowed": allowed}


def subject(token: Token) -> str:
    """Whom the registry names as the actor of a push: the user, or the repository of a GITHUB_TOKEN."""
    return f"{packages.WORKFLOW}{token.repositories[0]}" if token.kind == "actions" else token.user


def _allowed(store: Store, token: Token, repository: str, action: str) -> bool:
    if action not in SCOPES:
        return False
    scope, level = SCOPES[action]
    owner, _, name = repository.partition("/")
    package = store.read("packages", owner, name)
    known = package if package and not package["deleted_at"] else None
    if token.kind == "actions":
        return token.permits(f"packages:{level}") and _workflow(token, owner, known, level)
    if not token.classic or not token.has(scope):
        return False
    if owner.lower() in (one.lower() for one in token.unauthorized):
        return False
    if token.user.lower() in (one.lower() for one in (*people.owners(store, owner), owner)):
        return True
    return any(fnmatchcase(repository, pattern) and action in actions for pattern, actions in token.grants)


def _workflow(token: Token, owner: str, package: Document | None, level: str) -> bool:
    """Whether a package is new, linked to the workflow's repository, or lets it in."""
    repository = token.repositories[0].lower()
    if package is None:
        return repository.partition("/")[0] == owner.lower()
    if (package["repository"] or "").lower() == repository:
        return True
    role = package.get("access", {}).get(repository, "none")
    return Token("", "actions", permissions={"packages": role}).permits(f"packages:{level}")
