"""What a registry holds: descriptors and manifests (OCI image specification 1.1, Docker manifest version 2.2)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from ..errors import DigestMismatch, RegistryError

OCI_INDEX: Final = "application/vnd.oci.image.index.v1+json"
OCI_MANIFEST: Final = "application/vnd.oci.image.manifest.v1+json"
DOCKER_LIST: Final = "application/vnd.docker.distribution.manifest.list.v2+json"
DOCKER_MANIFEST: Final = "application/vnd.docker.distribution.manifest.v2+json"
OCI_ARTIFACT: Final = "application/vnd.oci.artifact.manifest.v1+json"
"""A manifest of blobs alone, which release candidates of OCI 1.1 had and some registries still hold."""
SCHEMA_1: Final = (
    "application/vnd.docker.distribution.manifest.v1+prettyjws",
    "application/vnd.docker.distribution.manifest.v1+json",
)
"""Docker's first manifests. They name their repository and tag, so no copy has the digest of its source."""
INDEXES: Final = frozenset({OCI_INDEX, DOCKER_LIST})
MANIFESTS: Final = frozenset({OCI_MANIFEST, DOCKER_MANIFEST, OCI_ARTIFACT})
ACCEPT: Final = ", ".join((OCI_INDEX, OCI_MANIFEST, DOCKER_LIST, DOCKER_MANIFEST, OCI_ARTIFACT, *SCHEMA_1))
"""Every type there is: a registry that may not send what it holds says only that there is nothing."""
MAX_MANIFEST: Final = 4 * 1024 * 1024
"""Bytes of the largest manifest that registries accept (OCI distribution specification, "Pushing Manifests")."""


@dataclass(frozen=True, slots=True)
class Descriptor:
    """Content by digest: media type, ``size`` in bytes; in an index, its platform (``os/architecture[/variant]``).

    ``foreign``: a layer that registries do not hold (Windows base layers), to be left where its URLs say.
    ``artifact_type``: what an artefact is, where a list of referrers or an index says so.
    """

    media_type: str
    digest: str
    size: int
    platform: str = ""
    foreign: bool = False
    artifact_type: str = ""


@dataclass(frozen=True)
class Manifest:
    """A manifest or index, byte for byte as it came, with the digest of these bytes."""

    media_type: str
    digest: str
    content: bytes

    @property
    def is_index(self) -> bool:
        """Whether it names further manifests instead of blobs."""
        return self.media_type in INDEXES

    @cached_property
    def children(self) -> tuple[Descriptor, ...]:
        """The manifests of an index, none for an image."""
        return tuple(self._descriptors("manifests")) if self.is_index else ()

    @cached_property
    def config(self) -> Descriptor | None:
        """The configuration blob of an image, None for an index and for an artefact of blobs alone."""
        if self.is_index or self.media_type == OCI_ARTIFACT:
            return None
        return _descriptor(self._data.get("config"), self.digest)

    @cached_property
    def blobs(self) -> tuple[Descriptor, ...]:
        """Configuration and layers of an image, each digest once; none for an index."""
        if self.is_index:
            return ()
        layers = self._descriptors("blobs" if self.media_type == OCI_ARTIFACT else "layers")
        found = {each.digest: each for each in ((self.config, *layers) if self.config else layers)}
        return tuple(found.values())

    @cached_property
    def subject(self) -> Descriptor | None:
        """The manifest that this one is attached to, as a signature is to its image; None where it stands alone."""
        item = self._data.get("subject")
        return None if item is None else _descriptor(item, self.digest)

    @property
    def artifact_type(self) -> str:
        """What an artefact says it is (``artifactType``), empty where it says nothing."""
        return str(self._data.get("artifactType") or "")

    @cached_property
    def _data(self) -> Mapping[str, Any]:
        try:
            data = json.loads(self.content)
        except ValueError:
            data = None
        if not isinstance(data, dict):
            raise RegistryError("a manifest is not a JSON object", value=self.digest)
        return data

    def _descriptors(self, name: str) -> list[Descriptor]:
        items = self._data.get(name) or []
        if not isinstance(items, list):
            raise RegistryError(f"a manifest's {name} must be a list", value=self.digest)
        return [_descriptor(item, self.digest) for item in items]


def digest_of(content: bytes, like: str = "sha256:") -> str:
    """Return the digest of ``content`` by the algorithm that ``like`` starts with (sha256, sha384, sha512)."""
    algorithm = like.partition(":")[0]
    return f"{algorithm}:{hashlib.new(algorithm, content).hexdigest()}"


def manifest(content: bytes, media_type: str, expected: str | None, place: str) -> Manifest:
    """Check the bytes of a manifest against the digest it was asked or announced by, and its type against what we read.

    Raises:
        DigestMismatch: other bytes than promised.
        RegistryError: Docker schema 1, or a type that is no manifest.
    """
    kind = media_type.partition(";")[0].strip()
    if kind in SCHEMA_1:
        # Its digest leaves its signatures out, so that of its bytes would mislead.
        raise RegistryError(
            "a manifest of Docker schema 1, which names its repository and cannot be copied unchanged",
            place,
            kind,
            "build it anew, or convert it (`skopeo copy --format v2s2`); its digest is another one then",
        )
    digest = digest_of(content, expected or "sha256:")
    if expected is not None and digest != expected:
        raise DigestMismatch(f"the manifest should be {expected} and its bytes are {digest}", place)
    if kind not in INDEXES | MANIFESTS:
        raise RegistryError("this is no manifest of an image or artefact", place, kind, "check the name")
    return Manifest(kind, digest, content)


def _descriptor(item: Any, parent: str) -> Descriptor:
    try:
        platform = item.get("platform") or {}
        names = (platform.get("os"), platform.get("architecture"), platform.get("variant"))
        kind = str(item["mediaType"])
        return Descriptor(
            kind,
            str(item["digest"]),
            int(item["size"]),
            "/".join(str(name) for name in names if name),
            bool(item.get("urls")) and ("nondistributable" in kind or ".foreign." in kind),
            str(item.get("artifactType") or ""),
        )
    except (AttributeError, KeyError, TypeError, ValueError):
        raise RegistryError("a manifest holds a malformed descriptor", value=parent) from None
