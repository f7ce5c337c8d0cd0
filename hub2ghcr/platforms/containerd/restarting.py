"""What reads which file when: ``hosts.toml`` is read at each pull, everything else when its program starts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from .mirror import READ_AT_START, Layout, NodeMirror


@dataclass(frozen=True, slots=True)
class Restart:
    """The file that a layout's program reads when it starts, and the command that restarts it."""

    config: str
    command: str


RESTARTS: Final[dict[Layout, Restart]] = {
    "containerd": Restart("/etc/containerd/config.toml", "systemctl restart containerd"),
    "microk8s": Restart("/var/snap/microk8s/current/args/containerd-template.toml", "snap restart microk8s"),
    "k3s": Restart("/etc/rancher/k3s/registries.yaml", "systemctl restart k3s (agents: k3s-agent)"),
    "rke2": Restart("/etc/rancher/rke2/registries.yaml", "systemctl restart rke2-server (agents: rke2-agent)"),
}

DOCKER: Final = Restart("/etc/docker/daemon.json", "systemctl restart docker")
"""Docker's own, where it is in use beside a cluster: containerd's CRI does not read it."""


def notes(mirror: NodeMirror) -> Iterator[str]:
    """Yield what has to be done besides, or is left out of the files of a cluster."""
    restart = RESTARTS[mirror.layout]
    if mirror.layout in READ_AT_START:
        yield f"{restart.config} is one file for all registries: what yours says besides has to go into it, too"
    if mirror.layout in READ_AT_START and not mirror.fallback:
        yield (
            f"without a fallback start {mirror.layout} with --disable-default-registry-endpoint: its registries.yaml"
            " does not say it"
        )
    if mirror.login and mirror.layout not in READ_AT_START:
        yield (
            f"{mirror.login.name} opens the mirror from {restart.config} (`--credentials` writes the part); a header of"
            " hosts.toml cannot: GHCR takes no Basic there"
        )
    if mirror.layout in ("containerd", "microk8s"):
        yield f"Docker beside it reads {DOCKER.config} alone (`{DOCKER.command}`), and no mirror with a path"
