"""One archive, opened: content by digest, as a registry gives it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ..errors import ArchiveError, DigestMismatch
from ..registry.content import MAX_MANIFEST, OCI_INDEX, OCI_MANIFEST, Manifest, manifest
from . import docker, folder, layout, tarball
from .held import MAX_JSON, Held

ORIGIN: Final = "archive:"
"""How the source of a locked image begins that came from an archive; the file's name follows."""


@dataclass(frozen=True, slots=True, order=True)
class Named:
    """An image of an archive: its canonical reference, its digest, and the archive's path as it was given."""

    reference: str
    digest: str
    place: str


class Archive:
    """A ``docker save`` archive, an OCI layout or an OCI archive. Safe for many threads; nothing is unpacked.

    ``host`` is its path as it was given: it stands where errors name a registry.

    Raises:
        ArchiveError, DigestMismatch, Problems: it is none of these, or damaged.
    """

    def __init__(self, path: Path) -> None:
        self.host = str(path)
        self.origin = f"{ORIGIN}{path.name}"
        self._held = _open(path)

    @property
    def images(self) -> tuple[Named, ...]:
        """The images with a name, sorted."""
        return tuple(sorted(Named(reference, digest, self.host) for reference, digest in self._held.named))

    def __contains__(self, digest: object) -> bool:
        return digest in self._held.extents or digest in self._held.made

    def get_manifest(self, repository: str, reference: str) -> Manifest:
        """Return a manifest by its digest, checked; ``repository`` does not matter.

        Raises:
            ArchiveError: the archive does not hold it.
            DigestMismatch, RegistryError: as for a registry.
        """
        place = self._place(reference)
        extent = self._held.extents.get(reference)
        content = extent.content(MAX_MANIFEST) if extent else b"".join(self._pieces(reference))
        return manifest(content, _media_type(content, place), reference, place)

    def get_blob(self, repository: str, digest: str) -> bytes:
        """Return a small blob whole, its digest checked."""
        extent = self._held.extents.get(digest)
        if extent and extent.size > MAX_JSON:
            raise ArchiveError(f"larger than {MAX_JSON >> 20} MiB", self._place(digest))
        return b"".join(self._checked(digest))

    @contextmanager
    def open_blob(self, repository: str, digest: str) -> Iterator[Iterator[bytes]]:
        """Stream a blob; after its last piece its digest is checked."""
        yield self._checked(digest)

    def _checked(self, digest: str) -> Iterator[bytes]:
        algorithm, _, expected = digest.partition(":")
        found = hashlib.new(algorithm)
        for piece in self._pieces(digest):
            found.update(piece)
            yield piece
        if found.hexdigest() != expected:
            raise DigestMismatch(
                f"the bytes are {algorithm}:{found.hexdigest()}",
                self._place(digest),
                remedy="the archive is damaged: write or fetch it again",
            )

    def _pieces(self, digest: str) -> Iterator[bytes]:
        if digest in self._held.made:
            return iter((self._held.made[digest],))
        if digest in self._held.extents:
            return self._held.extents[digest].pieces()
        raise ArchiveError("not in this archive", self._place(digest))

    def _place(self, digest: str) -> str:
        return f"{self.host} ({digest})"


def _open(path: Path) -> Held:
    place = str(path)
    if not path.exists():
        raise ArchiveError("no such file or folder", place)
    members = folder.members(path) if path.is_dir() else tarball.members(path) if path.is_file() else {}
    if layout.MARK in members:
        return layout.read(members, place)
    if docker.LIST in members:
        return docker.read(members, place)
    raise ArchiveError(
        f"no image archive, or cut off: it has neither {layout.MARK} nor {docker.LIST}",
        place,
        remedy="give what `docker save`, `ctr --namespace k8s.io image export` or a builder's `type=oci` output writes",
    )


def _media_type(content: bytes, place: str) -> str:
    """Return the media type of a manifest; where OCI leaves it to the descriptor, it shows in the fields."""
    try:
        data = json.loads(content)
    except (ValueError, RecursionError):
        data = None
    if not isinstance(data, dict):
        raise ArchiveError("not a manifest", place)
    kind = data.get("mediaType")
    if isinstance(kind, str) and kind:
        return kind
    if data.get("schemaVersion") == 1:
        return "application/vnd.docker.distribution.manifest.v1+json"
    return OCI_INDEX if "manifests" in data else OCI_MANIFEST
