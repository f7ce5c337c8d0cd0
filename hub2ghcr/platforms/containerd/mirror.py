"""What a cluster's nodes are to pull from where."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from ...credential_ref import CredentialRef
from .certs_d import folders

Layout = Literal["containerd", "microk8s", "k3s", "rke2"]
"""Whose configuration it is: containerd's own, that of MicroK8s' snap, or what k3s and RKE2 make theirs from."""

FOLDERS: Final[dict[Layout, str]] = {
    "containerd": "/etc/containerd/certs.d",
    "microk8s": "/var/snap/microk8s/current/args/certs.d",
    "k3s": "/etc/rancher/k3s",
    "rke2": "/etc/rancher/rke2",
}
"""Where each keeps it, unless told otherwise."""

READ_AT_START: Final[frozenset[Layout]] = frozenset({"k3s", "rke2"})
"""Those that read it when they start; containerd reads ``hosts.toml`` at each pull."""


@dataclass(frozen=True, slots=True)
class Route:
    """One registry, and where on GHCR its names are found.

    Attributes:
        registry: as containerd calls it, ``docker.io``.
        target: ``ghcr.io/acme/mirror``; without a path where names are the same there.
        endpoint: the URL at which nodes reach the target's registry, ``https://ghcr.io``.
        upstream: the URL of the registry itself, ``https://registry-1.docker.io``.
        rewrites: patterns and what they become, for layouts that know them; none: all goes below the target's path.
    """

    registry: str
    target: str
    endpoint: str
    upstream: str
    rewrites: tuple[tuple[str, str], ...] = ()

    @property
    def folder(self) -> str:
        """The folder of its ``hosts.toml``: the one that containerd looks for first."""
        return folders(self.registry)[0]

    @property
    def home(self) -> str:
        """The registry host that the target is on."""
        return self.target.partition("/")[0]

    @property
    def path(self) -> str:
        """The path that is put before every name, empty where there is none."""
        return self.target.partition("/")[2]

    @property
    def url(self) -> str:
        """The URL that containerd asks instead of the registry."""
        return f"{self.endpoint.rstrip('/')}/v2" + (f"/{self.path}" if self.path else "")


@dataclass(frozen=True, slots=True)
class NodeMirror:
    """The mirrors of one cluster's nodes.

    Attributes:
        layout: whose configuration it is.
        version: containerd's, 1 or 2: they name the sections of its configuration differently.
        folder: where it is on the nodes.
        delivery: ``files`` are for people and their tools to put there; a ``daemonset`` writes them on every node.
        active: whether nodes are to pull from there now, as they do from phase cutover on.
        fallback: whether a registry itself is asked for what GHCR does not have.
        routes: by registry.
        login: what opens packages that are private; None: all are public.
        image: what the DaemonSet runs, as its Pods name it.
        namespace: where it is.
        pull_secret: what its Pods pull with; empty: nothing.
        seconds: how long its Pods may take to have written.
    """

    layout: Layout
    version: Literal[1, 2]
    folder: str
    delivery: Literal["files", "daemonset"]
    active: bool
    fallback: bool
    routes: tuple[Route, ...]
    login: CredentialRef | None = None
    image: str = ""
    namespace: str = "kube-system"
    pull_secret: str = ""
    seconds: int = 300
