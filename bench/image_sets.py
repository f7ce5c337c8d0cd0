"""The images of the copying benchmark, made and pushed to the lab's stand-in for Docker Hub, behind its front."""

from __future__ import annotations

import functools
import hashlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from lab import images, oci
from lab.oci import Blob

SHARED = 5_000_000
"""Bytes of the layer that all images of a set share, for each platform."""
PLATFORMS = ("amd64", "arm64")
TAG = "1"


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
        with images.behind(state, "hub", first, timeout=60) as client:
            images.push(client, first, TAG, self._image(first))

        def push(name: str) -> None:
            with images.behind(state, "hub", first, name, timeout=60) as client:
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


def _bytes(seed: str, size: int) -> bytes:
    """Bytes that no compression shortens, the same for the same seed."""
    return hashlib.shake_256(seed.encode()).digest(size)
