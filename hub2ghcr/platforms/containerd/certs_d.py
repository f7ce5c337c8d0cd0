"""How containerd calls the folder of a registry, in ``certs.d`` (its documentation, docs/hosts.md)."""

from __future__ import annotations


def folders(registry: str) -> tuple[str, ...]:
    """Return the folders in which containerd looks for a registry's ``hosts.toml``, in its order.

    They are ``HOST_PORT_`` and ``HOST:PORT``, the first that there is; the last colon is the port's.
    """
    host, colon, port = registry.rpartition(":")
    return (f"{host}_{port}_", registry) if colon else (registry,)
