"""What one stack will do: frozen, sorted, the same bytes for the same input. It asks no engine, no cluster."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from ..credential_ref import CredentialRef
from ..lock import Entry
from ..platforms.containerd import NodeMirror
from ..platforms.kaniko.build import Build
from ..platforms.openshift import OpenShift
from ..platforms.rancher.registries import Rancher
from ..reach import Reach
from .github_nouns import GitHub

Delivery = Literal["own", "patch", "render"]
Phase = Literal["prepare", "cutover", "seal"]
Mirror = Literal["copy", "require"]


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
class Pull:
    """One image that a namespace will pull: canonical target (`ImageCopy.target`) and its digest.

    ``platforms`` are those of the target that matter: the nodes', as far as they are known; else all that it has.
    ``public`` ones are pulled without a credential. The source runs on the platforms ``without``, too, which the target
    has not; ``source_digest`` is the source's.
    """

    target: str
    digest: str
    platforms: tuple[str, ...]
    public: bool = False
    without: tuple[str, ...] = ()
    source_digest: str = ""


@dataclass(frozen=True, slots=True)
class Workload:
    """One object of a namespace that runs on images that move.

    Attributes:
        document: whole (delivery ``own`` and ``render``), or only the fields to apply (delivery ``patch``).
        images: all its image fields.
        copies: the targets (`ImageCopy.target`, `Pull.target`) that it waits for; none where it is not switched.
        switched: its document has the new images; else those that it had before (phase ``prepare``).
        adopt: an object that is there already comes under the stack (delivery ``own``).
        recreate: it cannot be changed once it exists, and may be deleted and made anew.
        was: the old texts of the images that move, sorted.
        pull_secrets: names that its document adds to those its manifest lists.
        push_secrets: names of the Secrets that its builds push with until they are switched, and then with ours.
    """

    api_version: str
    kind: str
    namespace: str
    name: str
    delivery: Delivery
    document: Mapping[str, object]
    images: tuple[ImageChange, ...]
    copies: tuple[str, ...]
    switched: bool = True
    adopt: bool = False
    recreate: bool = False
    was: tuple[str, ...] = ()
    pull_secrets: tuple[str, ...] = ()
    push_secrets: tuple[str, ...] = ()

    @property
    def pulls(self) -> tuple[str, ...]:
        """The `Pull.target` of each image that it waits for."""
        return self.copies


@dataclass(frozen=True, slots=True)
class PullSecret:
    """The docker-registry Secret of one namespace: its name, registry host -> credential, labels, annotations.

    ``project`` is the ID of the project of Rancher's that has it: what lies in the namespace is a copy that Rancher
    makes, and nobody else writes. Empty: it is the namespace's own. ``pushes`` is the registry host that builds push to
    with it, ``keys`` those under which it holds the same once more, since builds mount it under these names.
    """

    name: str
    credentials: Mapping[str, CredentialRef]
    labels: Mapping[str, str] = field(default_factory=dict)
    annotations: Mapping[str, str] = field(default_factory=dict)
    project: str = ""
    pushes: str = ""
    keys: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Untouched:
    """A document in which nothing moves, and its images with the reason of each."""

    kind: str
    name: str
    images: tuple[ImageChange, ...]


@dataclass(frozen=True, slots=True)
class RenderedSource:
    """An overlay or a chart that documents were rendered from.

    Attributes:
        path: its folder or file.
        by: the program that rendered it, ``kustomize`` or ``helm``.
        digest: of the names and bytes of all that went in.
    """

    path: str
    by: str
    digest: str


@dataclass(frozen=True, slots=True)
class Namespace:
    """One namespace of a cluster.

    Attributes:
        create: it is made by the stack (and kept when left); else it is there already.
        pull_secret: None where none is needed: all its images are public, or no credential is named.
        workloads: what is declared, of delivery ``own`` and ``patch``, in every phase.
        phase: its own, or the stack's.
        untouched: its documents in which nothing moves.
        pulls: what its workloads will pull, whatever the phase.
        service_accounts: the ServiceAccounts that get our entry.
        on_unready: ``hold``: no workload moves before all images can be pulled; ``skip``: each waits for its own.
        roll_out_seconds: how long switched workloads may take to run.
        labels: of a namespace that is created.
        rendered: workloads of delivery ``render``: nothing of them is declared.
        sources: the overlays and charts that its documents come from.
        waiting: what is made at cutover, and not declared before: it cannot be changed once it exists. The documents
            have the old images.
        selected: the labels by which it was; none where the settings name it.
        builders: the ServiceAccounts that get our Secret among those to be mounted: OpenShift builds with them.
        builds: what is built in it, in every phase.
        build_credentials: what they push and clone with, by name.
        push_secret: what builds of its workloads push with once they are switched; None where nothing asks for it.
    """

    name: str
    create: bool
    pull_secret: PullSecret | None
    workloads: tuple[Workload, ...]
    phase: Phase = "cutover"
    untouched: tuple[Untouched, ...] = ()
    pulls: tuple[Pull, ...] = ()
    service_accounts: tuple[str, ...] = ()
    on_unready: Literal["hold", "skip"] = "hold"
    roll_out_seconds: int = 300
    labels: Mapping[str, str] = field(default_factory=dict)
    rendered: tuple[Workload, ...] = ()
    sources: tuple[RenderedSource, ...] = ()
    waiting: tuple[Workload, ...] = ()
    selected: Mapping[str, str] = field(default_factory=dict)
    builders: tuple[str, ...] = ()
    builds: tuple[Build, ...] = ()
    build_credentials: Mapping[str, CredentialRef] = field(default_factory=dict)
    push_secret: PullSecret | None = None

    @property
    def digests(self) -> frozenset[str]:
        """Those of its images, as sources and as copies."""
        return frozenset(digest for each in self.pulls for digest in (each.digest, each.source_digest) if digest)

    @property
    def runs_switched(self) -> bool:
        """Whether Pods may run on what was switched here: then leaving keeps all that they need."""
        return self.phase != "prepare"

    @property
    def all_workloads(self) -> tuple[Workload, ...]:
        """Its workloads, whoever applies them: those that are declared, then those that are rendered."""
        return (*self.workloads, *self.rendered)


@dataclass(frozen=True, slots=True)
class Guard:
    """What keeps Docker Hub images out of migrated namespaces.

    Attributes:
        name: of its objects in the cluster.
        audit: namespaces where they are reported.
        deny: namespaces where they are refused.
        exceptions: patterns of images that are let through, as in ``mapping.exclude``.
        aliases: further hosts that are Docker Hub's.
    """

    name: str
    audit: tuple[str, ...] = ()
    deny: tuple[str, ...] = ()
    exceptions: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Cluster:
    """One cluster.

    Attributes:
        reach: how it is reached.
        namespaces: by name.
        take_from: field managers that image fields may be taken from.
        platforms: of its nodes, as the inventory knows them.
        guard: None where it is off.
        inventoried: an inventory says what is in it, so that a preview needs no cluster.
        openshift: what holds for all of an OpenShift cluster, None where the settings say nothing of it.
        node_mirror: what its nodes pull from GHCR under other names, None: nothing.
        rancher: the projects of Rancher's that have registry credentials, None for none.
    """

    name: str
    reach: Reach
    namespaces: tuple[Namespace, ...]
    take_from: tuple[str, ...] = ()
    platforms: tuple[str, ...] = ()
    guard: Guard | None = None
    inventoried: bool = False
    openshift: OpenShift | None = None
    node_mirror: NodeMirror | None = None
    rancher: Rancher | None = None


@dataclass(frozen=True, slots=True)
class RegistryAccess:
    """How a registry host is reached: its endpoint URL, and the credentials to pull from and push to it."""

    host: str
    endpoint: str
    pull: CredentialRef | None
    push: CredentialRef | None


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything one stack will do.

    ``rollback`` is whether going back proves that the old images can be pulled (``checked``), or goes on without.
    """

    stack: str
    phase: Phase
    mirror: Mirror
    registries: tuple[RegistryAccess, ...]
    copies: tuple[ImageCopy, ...]
    github: GitHub | None
    clusters: tuple[Cluster, ...]
    warnings: tuple[str, ...]
    rollback: Literal["checked", "forced"] = "checked"
