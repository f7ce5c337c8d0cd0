"""What publish workflows build, looked for where the project's folder is a checkout of the very repository."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

from ..checkout import checkout_of
from ..errors import raise_all
from ..publishing import missing
from .nouns import Plan


def require_built(plan: Plan, root: Path) -> None:
    """Require that what a workflow builds is there, as far as files on this machine tell.

    Of other repositories GitHub is asked, before their workflow is written.

    Args:
        plan: the stack's.
        root: the project's folder.

    Raises:
        Problems: folders and Dockerfiles that are missing.
    """
    checkout = checkout_of(root) if plan.github else None
    if plan.github is None or checkout is None or checkout.host != _site(plan.github.endpoint):
        return
    raise_all(
        problem
        for each in plan.github.repositories
        if each.publish and (each.owner.lower(), each.name.lower()) == (checkout.owner, checkout.name)
        for problem in missing(
            each.publish,
            lambda path: (checkout.root / path).exists(),
            f"github.repositories.{each.name}.workflow",
        )
    )


def _site(endpoint: str) -> str:
    """Return the host that people clone from: the API of GitHub itself has one of its own."""
    return (urlsplit(endpoint).hostname or "").removeprefix("api.")
