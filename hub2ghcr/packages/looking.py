"""What a package is: as GitHub's API tells, and as its registry answers whoever has no credential."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from ..errors import AccessRefused, NotFound, RegistryError
from ..github import Packages
from ..registry import Registry

MISSING: Final = "missing"
"""The visibility of a package that is not there, or that the token may not see."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A package as it is.

    Attributes:
        visibility: as the API tells, or `MISSING`.
        repository: that it is linked to, ``acme/shop``; empty where it is linked to none.
        owner_kind: ``orgs`` or ``users``.
        anonymous: whether anyone can pull; None where the registry did not say.
        why: the registry's words where nobody can, or where it did not say.
    """

    visibility: str
    repository: str = ""
    owner_kind: str = "orgs"
    anonymous: bool | None = None
    why: str = ""


def look(packages: Packages, name: str, registry: Registry, repository: str) -> Seen:
    """Return what a package is.

    Args:
        packages: of its owner.
        name: of the package.
        registry: opened as nobody.
        repository: its name in the registry.

    Raises:
        GitHubError: GitHub cannot be asked, or refuses.
    """
    found = packages.find(name)
    if found is None:
        return Seen(MISSING)
    anonymous, why = _opens(packages, name, registry, repository)
    return Seen(found.visibility, found.repository, found.owner_kind, anonymous, why)


def _opens(packages: Packages, name: str, registry: Registry, repository: str) -> tuple[bool | None, str]:
    """Return whether a manifest of the package is given to anyone, and if not, why."""
    try:
        tag = next(iter(registry.tags(repository)), None)
        if tag is None:
            version = next(packages.versions(name), None)
            tag = version.digest if version else None
        if tag is None:
            return None, "there is no image in it yet"
        if registry.head_manifest(repository, tag) is None:
            return False, f"not found ({tag})"
    except (AccessRefused, NotFound) as error:
        return False, error.what
    except RegistryError as error:
        return None, error.what
    return True, ""
