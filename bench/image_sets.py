"""The images of the copying benchmark, made and pushed to the lab's stand-in for Docker Hub, behind its front."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import httpx

from lab import images, oci, registry_admin
from lab.oci import Blob
from lab.ports import port

SHARED = 5_000_000
"""Bytes of the layer that all images of a set share, for each platform."""
PLATFORMS = ("amd64", "arm64")
TAG = "1"
PIECE = 1 << 20


@dataclass(frozen=True)
class ImageSet:
    """Images of one kind: their repositories on the Hub, all with the tag ``1``, and bytes of an own layer."""

    name: str
    count: int
    own: int

    @property
    def repositories(self) -> tuple[str, ...]:
        """The repositories, in order."""
        return tuple(f"acme/{self.name}-{number:04}" for number in range(self.count))

    def push(self, state: Path) -> None:
        """Push all images; the shared layers are uploaded once and then mounted."""
        first, *others = self.repositories
        at = {layer.digest: first for layer in self._shared.values()}
        with _client(state, first) as client:
            images.push(client, first, TAG, self._image(first))

        def push(name: str) -> None:
            with _client(state, first, name) as client:
                images.push(client, name, TAG, self._image(name), at)

        with ThreadPoolExecutor(4) as pool:
            list(pool.map(push, others))

    @functools.cached_property
    def _shared(self) -> dict[str, Blob]:
        return {each: oci.layer({"shared": _bytes(f"{self.name} {each}", SHARED)}) for each in PLATFORMS}

    def _image(self, name: str) -> oci.Image:
        layers = {
            each: (self._shared[each], oci.layer({"own": _bytes(f"{name} {each}", self.own)})) for each in PLATFORMS
        }
        return oci.image(oci.Content(("/none",), layers, {"title": name}))


def push_large(state: Path, repository: str, size: int) -> str:
    """Push an image whose one layer has ``size`` bytes, made as it is sent, and return its digest."""
    digest = hashlib.sha256()
    for piece in _pieces(repository, size):
        digest.update(piece)
    layer = {"mediaType": oci.LAYER_TYPE, "digest": f"sha256:{digest.hexdigest()}", "size": size}
    config = oci.json_blob(oci.CONFIG_TYPE, {"architecture": "amd64", "os": "linux", "rootfs": {"type": "layers"}})
    manifest = oci.json_blob(
        oci.MANIFEST_TYPE,
        {"schemaVersion": 2, "mediaType": oci.MANIFEST_TYPE, "config": config.descriptor(), "layers": [layer]},
    )
    with _client(state, repository) as client:
        images.push_blob(client, repository, str(layer["digest"]), _pieces(repository, size))
        images.push(client, repository, TAG, oci.Image(manifest, (), (config,)))
    return manifest.digest


def _client(state: Path, *repositories: str) -> httpx.Client:
    bearer = registry_admin.token(state, "hub", *repositories)
    return httpx.Client(
        base_url=f"http://127.0.0.1:{port(state, 'hub-registry')}",
        headers={"Authorization": f"Bearer {bearer}"},
        timeout=60,
        trust_env=False,
        verify=False,
    )


def _bytes(seed: str, size: int) -> bytes:
    """Bytes that no compression shortens, the same for the same seed."""
    return hashlib.shake_256(seed.encode()).digest(size)


def _pieces(seed: str, size: int) -> Iterator[bytes]:
    """As many bytes, a mebibyte at a time: one random piece, each time with its number in front."""
    piece = _bytes(seed, PIECE)
    for begin in range(0, size, PIECE):
        numbered = begin.to_bytes(8, "big") + piece[8:]
        yield numbered[: size - begin]
