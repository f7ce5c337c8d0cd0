"""What a stack plans for repositories and packages on GitHub."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from ..credential_ref import CredentialRef
from ..mapping import Mapping as ImageMapping
from ..package_page import settings_page
from ..publishing import Publish


@dataclass(frozen=True, slots=True)
class RemovedSecret:
    """An Actions secret that goes at seal; without a ``credential`` its value is lost."""

    name: str
    credential: CredentialRef | None


@dataclass(frozen=True, slots=True)
class Repository:
    """One GitHub repository.

    Attributes:
        owner: whose it is.
        name: without its owner.
        secrets: Actions secrets by name.
        workflow_path: the publish workflow's; None: no workflow.
        workflow: its text.
        publish: what it builds and where it pushes that.
        image: where it publishes, such as ``ghcr.io/acme/shop``.
        dependabot_secrets: secrets of Dependabot by name.
        environments: Actions secrets by environment and name.
        removed: what goes at seal, sorted.
        delivery: how files come to the default branch.
        also_rewrite: patterns of files in which references to the old image move, too.
    """

    owner: str
    name: str
    secrets: Mapping[str, CredentialRef]
    workflow_path: str | None
    workflow: str | None
    publish: Publish | None = None
    image: str = ""
    dependabot_secrets: Mapping[str, CredentialRef] = field(default_factory=dict)
    environments: Mapping[str, Mapping[str, CredentialRef]] = field(default_factory=dict)
    removed: tuple[RemovedSecret, ...] = ()
    delivery: Literal["pull-request", "commit"] = "pull-request"
    also_rewrite: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class OrganizationSecret:
    """An Actions secret of an organisation, and the repositories that may read it (none: all that are visible)."""

    name: str
    credential: CredentialRef
    visibility: Literal["all", "private", "selected"]
    repositories: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Package:
    """One package of a registry of GitHub's, and what its owner wants of it.

    Attributes:
        visibility: None where the settings say nothing of it.
        repository: ``acme/shop``, the one that it is linked to; empty where the settings say nothing of it.
        access: who may do what: ``read``, ``write`` or ``admin``.
        enforce: whether a difference is a warning or ends the run.
    """

    owner: str
    name: str
    registry: str
    visibility: Literal["public", "private", "internal"] | None = None
    repository: str = ""
    access: Mapping[str, str] = field(default_factory=dict)
    enforce: Literal["warn", "fail"] = "warn"

    @property
    def place(self) -> str:
        """Its repository in the registry, in lower case as GHCR has it."""
        return f"{self.owner}/{self.name}".lower()

    @property
    def settings_url(self) -> str:
        """Where a person sets what no API does."""
        return settings_page(self.registry, f"{self.owner}/{self.name}")


@dataclass(frozen=True, slots=True)
class GitHub:
    """The GitHub side: owner, API endpoint and the credential that administers it; repositories and packages.

    ``follow_seconds`` is how long a run waits, in all, for workflows that it has set off. ``mapping`` moves the
    references that other files of a repository have.
    """

    owner: str
    endpoint: str
    credential: CredentialRef
    repositories: tuple[Repository, ...]
    packages: tuple[Package, ...]
    organization_secrets: tuple[OrganizationSecret, ...] = ()
    follow_seconds: int = 120
    mapping: ImageMapping = field(default_factory=lambda: ImageMapping(()))
