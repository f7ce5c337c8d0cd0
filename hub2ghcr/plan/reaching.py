"""How clusters are reached and credentials called, from settings to the plan's nouns."""

from __future__ import annotations

from collections.abc import Mapping

from ..credential_ref import CredentialRef
from ..reach import Kubeconfig, Reach, Server
from ..settings import ClusterSettings, Settings
from ..settings.rancher import RancherSettings


def credentials_of(settings: Settings) -> dict[str, CredentialRef]:
    """Return every credential of a stack by name, without its value."""
    return {
        name: CredentialRef(name, each.username, each.secretKey, each.email)
        for name, each in settings.credentials.items()
    }


def reach_of(cluster: ClusterSettings | RancherSettings, credentials: Mapping[str, CredentialRef]) -> Reach:
    """Return how a cluster is reached, or the one that Rancher runs in; ``credentials`` are those of its stack."""
    if cluster.server is not None and cluster.token is not None:
        return Server(cluster.server, credentials[cluster.token], cluster.certificateAuthority)
    assert cluster.kubeconfig is not None and cluster.context is not None  # `hub2ghcr.settings` refuses anything else
    return Kubeconfig(cluster.kubeconfig, cluster.context)
