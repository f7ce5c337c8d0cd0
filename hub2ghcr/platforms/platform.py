"""A platform that was recognised: by what, and what applies there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True, order=True)
class Platform:
    """One platform.

    Attributes:
        name: what it is.
        evidence: what it was recognised by, with the place.
        applies: what applies there, in one line.
        page: the page of the documentation, from the repository's root.
    """

    name: str
    evidence: str
    applies: str
    page: str

    def __str__(self) -> str:
        return f"{self.name}: {self.applies} ({self.page}); by {self.evidence}"


APPLIES: Final[dict[str, tuple[str, str]]] = {
    "AKS": ("nodes pull from ghcr.io with a pull Secret, kubelet identities open ACR alone", "managed-clusters"),
    "Argo CD": ("it undoes what is patched in the cluster: use `delivery: render` for what it syncs", "updaters"),
    "Argo CD Image Updater": ("what it follows must be named on ghcr.io, with a credential for it", "updaters"),
    "containerd 1.x": (
        "mirrors are hosts.toml files below the config_path of plugin io.containerd.grpc.v1.cri",
        "containerd",
    ),
    "containerd 2.x": (
        "mirrors are hosts.toml files below the config_path of plugin io.containerd.cri.v1.images",
        "containerd",
    ),
    "Dependabot": ("it reads tags of ghcr.io with a registry and a Dependabot secret of its own", "updaters"),
    "EKS": ("nodes pull from ghcr.io with a pull Secret, node roles open ECR alone", "managed-clusters"),
    "Flux": ("it undoes what is patched in the cluster: use `delivery: render` for what it applies", "updaters"),
    "Flux image automation": ("its ImageRepositories must name ghcr.io; what it writes is not pinned", "updaters"),
    "GKE": (
        "nodes pull from ghcr.io with a pull Secret, their account opens Google's alone",
        "managed-clusters",
    ),
    "k3s": ("mirrors and logins of nodes are in /etc/rancher/k3s/registries.yaml, read at start", "managed-clusters"),
    "kaniko": ("builds push to what --destination names, with a config.json that must open ghcr.io", "kaniko"),
    "MicroK8s": ("its containerd reads args/certs.d; images may be local, or of its own registry", "microk8s"),
    "OpenShift": ("pull and build links, mirror sets and the global pull secret are its own", "openshift"),
    "Rancher": ("registry credentials belong to projects, and are copied to their namespaces", "rancher"),
    "Renovate": ("its rules must name images on ghcr.io, with a login for it in hostRules", "updaters"),
    "RKE2": ("mirrors and logins of nodes are in /etc/rancher/rke2/registries.yaml, read at start", "rancher"),
}
"""What applies on each platform, and its page below ``docs/platforms/``."""


def platform(name: str, evidence: str) -> Platform:
    """Return a platform that is known by its name."""
    applies, page = APPLIES[name]
    return Platform(name, evidence, applies, f"docs/platforms/{page}.md")
