"""What becomes of a repository's workflows: their new bytes, each change, and what is left for people."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ..errors import Hub2GhcrError

Flavour = Literal["token", "pat"]
"""What signs in to GHCR: ``GITHUB_TOKEN``, or a personal token in the secret ``CR_PAT``."""


@dataclass(frozen=True, slots=True, order=True)
class Change:
    """One edit: its place (from 1), what stood there, and what stands there now."""

    line: int
    column: int
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Migrated:
    """One file: what it was, what it is, the changes."""

    place: str
    before: bytes
    data: bytes
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class Migration:
    """A repository's workflows, migrated.

    Attributes:
        files: those that were read, sorted by path.
        problems: what could not be decided or understood, each with place and remedy; sorted.
        notes: what stays, and why; sorted.
    """

    files: tuple[Migrated, ...]
    problems: tuple[Hub2GhcrError, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def changed(self) -> tuple[Migrated, ...]:
        """The files that change."""
        return tuple(each for each in self.files if each.data != each.before)
