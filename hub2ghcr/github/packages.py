"""Container packages of one owner, as the packages API tells of them. Nothing of it is changed: no API could.

The API has three places for one thing: an organisation's packages, a user's, and those of the user who asks. Only the
last one gives a user's versions page by page. The token needs ``read:packages``, of a classic token: the whole API is
closed to fine-grained ones and to GitHub Apps.

https://docs.github.com/en/rest/packages/packages
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, Literal

from ..errors import GitHubError
from .client import GitHub

CONTAINER: Final = "container"

OwnerKind = Literal["orgs", "users"]


@dataclass(frozen=True, slots=True)
class FoundPackage:
    """A package as GitHub tells of it.

    Attributes:
        name: without its owner, slashes in it.
        visibility: ``public``, ``private`` or ``internal``.
        repository: the one that it is linked to, ``acme/shop``; empty where it is linked to none.
        owner_kind: whether its owner is an organisation or a user, as its pages spell it.
        versions: how many there are.
    """

    name: str
    visibility: str
    repository: str
    owner_kind: OwnerKind
    versions: int


@dataclass(frozen=True, slots=True)
class Version:
    """A version of a package: one manifest, by its digest, with the tags that are at it.

    ``updated`` is RFC 3339, as GitHub writes it.
    """

    number: int
    digest: str
    tags: tuple[str, ...]
    updated: str


class Packages:
    """The container packages of an owner; every method raises `GitHubError` as `GitHub` does."""

    def __init__(self, github: GitHub, owner: str) -> None:
        self._github = github
        self._owner = owner

    def find(self, name: str) -> FoundPackage | None:
        """Return a package, None where there is none that the token may see."""
        found = self._github.send("GET", *self._base, "packages", CONTAINER, name)
        return None if found is None else _package(found)

    def all(self) -> Iterator[FoundPackage]:
        """Yield every package that the token may see."""
        query = {"package_type": CONTAINER}
        yield from map(_package, self._github.pages(*self._base, "packages", query=query))

    def versions(self, name: str) -> Iterator[Version]:
        """Yield the versions of a package, newest first."""
        yield from map(_version, self._github.pages(*self._base, "packages", CONTAINER, name, "versions"))

    @cached_property
    def _base(self) -> tuple[str, ...]:
        found = self._github.send("GET", "users", self._owner)
        if found is None:
            raise GitHubError("no such organisation or user", "github.owner", self._owner)
        if found.get("type") == "Organization":
            return "orgs", self._owner
        me = self._github.send("GET", "user") or {}
        return ("user",) if str(me.get("login")).lower() == self._owner.lower() else ("users", self._owner)


def _package(found: Mapping[str, Any]) -> FoundPackage:
    owner, repository = found.get("owner") or {}, found.get("repository") or {}
    return FoundPackage(
        str(found["name"]),
        str(found.get("visibility")),
        str(repository.get("full_name") or ""),
        "users" if owner.get("type") == "User" else "orgs",
        int(found.get("version_count") or 0),
    )


def _version(found: Mapping[str, Any]) -> Version:
    container = (found.get("metadata") or {}).get("container") or {}
    tags = tuple(sorted(map(str, container.get("tags") or ())))
    return Version(int(found["id"]), str(found["name"]), tags, str(found.get("updated_at") or ""))
