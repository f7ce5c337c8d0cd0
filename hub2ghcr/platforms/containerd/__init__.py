"""Nodes that pull the names of other registries from GHCR, by containerd's own configuration; no workload changes.

containerd asks the hosts of ``certs.d/<registry>/hosts.toml`` (its documentation, docs/hosts.md) as
``GET <URL of the host>/<repository>/manifests/<tag>?ns=<registry>``. A host has one URL, so a whole registry goes below
one path; k3s and RKE2 write containerd's configuration themselves, from a ``registries.yaml`` that can say more.

The nouns are here; what is made of them is in modules of its own, which a provider's process does not load for them.
"""

from .mirror import Layout, NodeMirror, Route

__all__ = ["Layout", "NodeMirror", "Route"]
