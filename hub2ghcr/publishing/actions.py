"""The actions that a publish workflow uses: each by commit, since a tag can be moved, with the version it is."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

ACTIONS: Final = MappingProxyType(
    {
        "attest": "actions/attest@1e69f48acb82d1966a394da916b4c1698aa569d6 # v4.2.2",
        "build": "docker/build-push-action@c3c9e263c25d99ce0380d002d59b67737d91b0dc # v7.4.0",
        "buildx": "docker/setup-buildx-action@f87e5991a6d7451dcb8d9637bfbc97413f497069 # v4.4.1",
        "login": "docker/login-action@dbcb813823bdd20940b903addbd779551569679f # v4.6.0",
        "metadata": "docker/metadata-action@dc802804100637a589fabce1cb79ff13a1411302 # v6.2.0",
        "qemu": "docker/setup-qemu-action@99012661954931238ded8c8b007157a8430204e1 # v4.4.0",
    }
)
"""What each is for, and what stands behind ``uses:``."""
