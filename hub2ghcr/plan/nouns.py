"""What one stack will do: frozen, sorted, the same bytes for the same input. It asks no engine, no cluster."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from ..lock import Entry

Delivery = Literal["own", "patch"]
Phase = Literal["prepare", "cutover"]
Mirror = Literal["copy", "require"]


@dataclass(frozen=True, slots=True)
class CredentialRef:
    """A named credential without its value: where the value is found, and as whom it speaks."""

    name: str
    username: str
    secret_key: str


@dataclass(frozen=True, slots=True)
class ImageCopy:
    """One locked image to be present in GHCR.

    ``mode`` is whether it is copied or required to be there; what was published there is always required. ``public``
    images should be such that anyone can pull them.
    """

    entry: Entry
    mode: Mirror
    public: bool = False

    @property
    def source(self) -> str:
        """Its source, empty where it was published at its target."""
        return self.entry.source

    @property
    def target(self) -> str:
        """Its target, canonical: with its tag, or with its digest where it has none."""
        return self.entry.place

    @property
    def digest(self) -> str:
        """The digest that its target holds."""
        return self.entry.target_digest


@dataclass(frozen=True, slots=True)
class ImageChange:
    """One image field of a workload: what stands there, and what will (the same and a reason where it stays)."""

    field: str
    before: str
    after: str
    reason: str


@dataclass(frozen=True, slots=True)
class Workload:
    """One manifest document of a namespace.

    ``document`` is whole and already rewritten (delivery ``own``) or holds only the fields to apply (delivery
    ``patch``). ``copies`` names the targets (``ImageCopy.target``) it must wait for.
    """

    api_version: str
    kind: str
    namespace: str
    name: str
    delivery: Delivery
    document: Mapping[str, object]
    images: tuple[ImageChange, ...]
    copies: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PullSecret:
    """The docker-registry Secret of one namespace: registry host -> credential, and its name."""

    name: str
    credentials: Mapping[str, CredentialRef]


@dataclass(frozen=True, slots=True)
class Untouched:
    """A document in which nothing is changed, and its images with the reason of each."""

    kind: str
    name: str
    images: tuple[ImageChange, ...]


@dataclass(frozen=True, slots=True)
class Namespace:
    """One namespace of a cluster: created (and kept when left) or there already; its pull Secret; its workloads.

    In phase ``prepare`` there are no workloads: all stand in ``untouched``. ``pulls`` names the targets
    (``ImageCopy.target``) that its workloads will pull, whatever the phase.
    """

    name: str
    create: bool
    pull_secret: PullSecret | None
    workloads: tuple[Workload, ...]
    phase: Phase = "cutover"
    untouched: tuple[Untouched, ...] = ()
    pulls: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Cluster:
    """One cluster: how it is reached (a kubeconfig's path and context) and its namespaces."""

    name: str
    kubeconfig: str
    context: str
    namespaces: tuple[Namespace, ...]


@dataclass(frozen=True, slots=True)
class Repository:
    """One GitHub repository: Actions secrets by name, and the publish workflow's path and text (None: no workflow)."""

    owner: str
    name: str
    secrets: Mapping[str, CredentialRef]
    workflow_path: str | None
    workflow: str | None


@dataclass(frozen=True, slots=True)
class Package:
    """One GHCR package and the visibility its owner wants; ``settings_url`` is where a person sets it."""

    owner: str
    name: str
    visibility: Literal["public", "private", "internal"]
    settings_url: str


@dataclass(frozen=True, slots=True)
class GitHub:
    """The GitHub side: owner, API endpoint and the credential that administers it; repositories and packages."""

    owner: str
    endpoint: str
    credential: CredentialRef
    repositories: tuple[Repository, ...]
    packages: tuple[Package, ...]


@dataclass(frozen=True, slots=True)
class RegistryAccess:
    """How a registry host is reached: its endpoint URL, and the credentials to pull from and push to it."""

    host: str
    endpoint: str
    pull: CredentialRef | None
    push: CredentialRef | None


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything one stack will do."""

    stack: str
    phase: Phase
    mirror: Mirror
    registries: tuple[RegistryAccess, ...]
    copies: tuple[ImageCopy, ...]
    github: GitHub | None
    clusters: tuple[Cluster, ...]
    warnings: tuple[str, ...]
