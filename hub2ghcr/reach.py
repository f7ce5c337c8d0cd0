"""How a cluster is reached."""

from __future__ import annotations

from dataclasses import dataclass

from .credential_ref import CredentialRef


@dataclass(frozen=True, slots=True)
class Kubeconfig:
    """A cluster is reached as a context of a kubeconfig says."""

    path: str
    context: str


@dataclass(frozen=True, slots=True)
class Server:
    """A cluster is reached at a URL with a bearer token; ``certificate_authority`` is a PEM file, None the system's."""

    url: str
    token: CredentialRef
    certificate_authority: str | None = None


Reach = Kubeconfig | Server
