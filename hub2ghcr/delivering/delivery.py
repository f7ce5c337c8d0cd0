"""What one repository is to have on its default branch, and how it is brought there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from ..errors import Hub2GhcrError
from ..mapping import Mapping

How = Literal["pull-request", "commit"]

Exists = Callable[[str], bool]
"""Whether the repository has a file or folder at a path."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """One repository's part of a stack.

    Attributes:
        owner: of the repository.
        repository: its name.
        stack: whose files they are.
        how: by pull request or by a commit; a protected branch gets the pull request.
        path: of the publish workflow; empty: there is none.
        text: the workflow's.
        image: where it publishes, such as ``ghcr.io/acme/shop``.
        besides: where else the same build goes, such as ``docker.io/acme/shop``; empty: nowhere.
        also_rewrite: patterns of further files, in which references to the old image move.
        mapping: which image moves where.
        lacks: tells what the workflow needs of the repository and does not find.
    """

    owner: str
    repository: str
    stack: str
    how: How = "pull-request"
    path: str = ""
    text: str = ""
    image: str = ""
    besides: str = ""
    also_rewrite: tuple[str, ...] = ()
    mapping: Mapping = field(default_factory=lambda: Mapping(()))
    lacks: Callable[[Exists], list[Hub2GhcrError]] = lambda _: []

    @property
    def place(self) -> str:
        """Owner and repository, as messages name it."""
        return f"{self.owner}/{self.repository}"

    @property
    def branch(self) -> str:
        """The branch that a pull request is made from: one for each stack."""
        return f"hub2ghcr/{self.stack}"
