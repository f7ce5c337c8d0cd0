"""An image with one layer of any size, made as it is sent: neither memory nor disk hold it here."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

from lab import images, oci

PIECE = 1 << 20


def push(state: Path, repository: str, tag: str, size: int) -> str:
    """Push an image whose layer has ``size`` bytes to the Hub's stand-in, behind its front, and return its digest."""
    digest = hashlib.sha256()
    for piece in _pieces(repository, size):
        digest.update(piece)
    layer = {"mediaType": oci.LAYER_TYPE, "digest": f"sha256:{digest.hexdigest()}", "size": size}
    config = oci.json_blob(oci.CONFIG_TYPE, {"architecture": "amd64", "os": "linux", "rootfs": {"type": "layers"}})
    manifest = oci.json_blob(
        oci.MANIFEST_TYPE,
        {"schemaVersion": 2, "mediaType": oci.MANIFEST_TYPE, "config": config.descriptor(), "layers": [layer]},
    )
    with images.behind(state, "hub", repository, timeout=120) as client:
        images.push_blob(client, repository, str(layer["digest"]), _pieces(repository, size))
        images.push(client, repository, tag, oci.Image(manifest, (), (config,)))
    return manifest.digest


def _pieces(seed: str, size: int) -> Iterator[bytes]:
    """So many bytes, a mebibyte at a time: one piece that no compression shortens, with its place in front."""
    piece = hashlib.shake_256(seed.encode()).digest(PIECE)
    for begin in range(0, size, PIECE):
        yield (begin.to_bytes(8, "big") + piece[8:])[: size - begin]
