"""The facts. All collections are sorted; an order that Kubernetes gives (containers, pull Secrets) is kept."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from ..manifests import pod_kind

SYSTEM: Final = ("kube-", "openshift-")
"""How namespaces of the system begin: no selector finds them, they are migrated only where settings name them."""

_ENTRY: Final = re.compile(r"(initContainers|containers|ephemeralContainers|volumes)\[(.+)\]")


@dataclass(frozen=True, slots=True)
class ImageFacts:
    """One image that an object names.

    Attributes:
        field: ``containers[web]``, ``initContainers[…]``, ``ephemeralContainers[…]`` or ``volumes[…]`` of a pod spec;
            the path of a custom resource's field (``spec.kafka.image``).
        image: as it was spelled before we moved it.
        managers: who manages the field, sorted; ``hub2ghcr`` where it is ours.
    """

    field: str
    image: str
    managers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, order=True)
class RunningFacts:
    """An image that a Pod of a workload runs: as its spec names it, and the digest that was pulled, if known."""

    image: str
    digest: str = ""


@dataclass(frozen=True, slots=True)
class WorkloadFacts:
    """One workload, or a custom resource that names images.

    Attributes:
        api_version: ``apps/v1``.
        kind: ``Deployment``.
        name: its name.
        owner: who made it, ``Helm release shop/web`` (`hub2ghcr.owning.owner`); empty where nobody is known.
        images: in the order of the pod spec.
        service_account: as the pod spec names it; empty where it names none.
        pull_secrets: of the pod spec, in its order, without ours.
        running: images of its Pods.
        state: what a rule may need: ``paused`` (true), ``partition`` (above 0), ``strategy`` (``OnDelete``),
            ``suspend``, ``finished``, ``mirror`` (of a static Pod: true), ``replicas`` (where it is 0).
    """

    api_version: str
    kind: str
    name: str
    owner: str = ""
    images: tuple[ImageFacts, ...] = ()
    service_account: str = ""
    pull_secrets: tuple[str, ...] = ()
    running: tuple[RunningFacts, ...] = ()
    state: Mapping[str, bool | int | str] = field(default_factory=dict)

    @property
    def key(self) -> tuple[str, str, str]:
        """Kind, name and API version: what workloads are sorted by."""
        return self.kind, self.name, self.api_version

    @property
    def managers(self) -> Mapping[str, tuple[str, ...]]:
        """Who manages each image field."""
        return {each.field: each.managers for each in self.images}

    @property
    def pod(self) -> Mapping[str, Any]:
        """The pod spec, as far as it is known; empty for a custom resource."""
        pod: dict[str, Any] = {}
        if self.service_account:
            pod["serviceAccountName"] = self.service_account
        if self.pull_secrets:
            pod["imagePullSecrets"] = [{"name": name} for name in self.pull_secrets]
        for each in self.images:
            if entry := _ENTRY.fullmatch(each.field):
                said = {"image": {"reference": each.image}} if entry[1] == "volumes" else {"image": each.image}
                pod.setdefault(entry[1], []).append({"name": entry[2], **said})
        return pod

    @property
    def document(self) -> Mapping[str, Any]:
        """The object reduced to its pod spec, for `hub2ghcr.manifests`; a custom resource keeps its name alone."""
        object_ = {"apiVersion": self.api_version, "kind": self.kind, "metadata": {"name": self.name}}
        kind = pod_kind(object_)
        if kind is None or not kind.merges:
            return object_
        body: Any = self.pod
        for key in reversed(kind.path):
            body = {key: body}
        return {**object_, **body}


@dataclass(frozen=True, slots=True)
class AccountFacts:
    """A ServiceAccount and the pull Secrets it lists, in its order, without ours."""

    name: str
    pull_secrets: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SecretFacts:
    """A pull Secret: its type and the registries it opens (none where its value does not parse)."""

    name: str
    type: str
    registries: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NamespaceFacts:
    """One namespace. ``workloads`` are sorted by `WorkloadFacts.key`, the others by name.

    ``project`` is the ID of the project of Rancher's that it is in, empty for none.
    """

    name: str
    labels: Mapping[str, str] = field(default_factory=dict)
    accounts: tuple[AccountFacts, ...] = ()
    secrets: tuple[SecretFacts, ...] = ()
    workloads: tuple[WorkloadFacts, ...] = ()
    project: str = ""

    def workload(self, kind: str, name: str) -> WorkloadFacts | None:
        """Return a workload, None if there is none."""
        return next((each for each in self.workloads if (each.kind, each.name) == (kind, name)), None)


@dataclass(frozen=True, slots=True)
class ClusterFacts:
    """One cluster.

    Attributes:
        name: as the settings call it.
        version: of Kubernetes, ``v1.34.2``.
        platforms: of its nodes, ``linux/amd64``; empty where nodes may not be read.
        runtimes: of its nodes, ``containerd://2.1.4``.
        namespaces: those that the settings name or select, as far as they are there.
        imported: images that its workloads name and that were put on its nodes by hand, with their tags
            (`hub2ghcr.inventory.imported`).
    """

    name: str
    version: str = ""
    platforms: tuple[str, ...] = ()
    runtimes: tuple[str, ...] = ()
    namespaces: tuple[NamespaceFacts, ...] = ()
    imported: tuple[str, ...] = ()

    def namespace(self, name: str) -> NamespaceFacts | None:
        """Return a namespace, None if it is not there."""
        return next((each for each in self.namespaces if each.name == name), None)


@dataclass(frozen=True, slots=True)
class Inventory:
    """The clusters of a stack, sorted by name."""

    clusters: tuple[ClusterFacts, ...] = ()

    def cluster(self, name: str) -> ClusterFacts | None:
        """Return a cluster's facts, None where none were taken."""
        return next((each for each in self.clusters if each.name == name), None)


ALL: Final = (
    ImageFacts,
    RunningFacts,
    WorkloadFacts,
    AccountFacts,
    SecretFacts,
    NamespaceFacts,
    ClusterFacts,
    Inventory,
)
"""Every noun, for whoever reads and writes them as data."""
