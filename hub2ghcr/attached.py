"""What is attached to an image: signatures, attestations, SBOMs and other referrers.

Three ways to find them are in use, and none proves that there is nothing (a registry whose referrers API came late
lists an empty one for what came before): cosign's tags, which are made of the digest that they are about, the referrers
API, and the index under the fallback tag of registries without one (OCI distribution specification 1.1, "Referrers Tag
Schema"). All three are asked.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from .errors import NotFound

if TYPE_CHECKING:
    from .manifest_store import ManifestStore
    from .registry import Manifest, Registry

Kind = Literal["signature", "attestation", "sbom", "referrer"]

COSIGN: Final[dict[str, Kind]] = {"sig": "signature", "att": "attestation", "sbom": "sbom"}
"""The ends of cosign's tags (``sha256-<hex>.sig``)."""
LEVELS: Final = 2
"""What is attached to an image, and what is attached to that, as a signature to an SBOM."""

_TYPES: Final[tuple[tuple[str, Kind], ...]] = (
    ("signature", "signature"),
    ("cosign.artifact.sig", "signature"),
    ("sigstore.bundle", "signature"),
    ("in-toto", "attestation"),
    ("attestation", "attestation"),
    ("spdx", "sbom"),
    ("cyclonedx", "sbom"),
    ("sbom", "sbom"),
)
"""What media types and artefact types hold that are one of these; see the registrations of the projects named there."""


@dataclass(frozen=True, slots=True, order=True)
class Attached:
    """A manifest that is attached to another one, ``subject``.

    ``tag`` is ``sha256-<hex>.sig`` (``.att``, ``.sbom``) where it was found by its tag, empty where the referrers API
    or its fallback tag listed it. ``artifact_type`` is empty where there is none; ``size`` is bytes, blobs included.
    """

    subject: str
    kind: Kind
    digest: str
    media_type: str
    artifact_type: str
    size: int
    tag: str


def fallback_tag(digest: str) -> str:
    """Return the tag under which the referrers of a digest stand where a registry does not list them.

    >>> fallback_tag("sha256:0ab1")
    'sha256-0ab1'
    """
    algorithm, _, encoded = digest.partition(":")
    return f"{algorithm[:32]}-{encoded[:64]}"


def find(registry: Registry, repository: str, digests: Iterable[str], manifests: ManifestStore) -> tuple[Attached, ...]:
    """Return what is attached to some manifests of a repository, sorted; each of it once.

    Tags are looked for by HEAD; only what is found is read, through ``manifests``.

    Raises:
        BudgetSpent: no pulls are left to read it.
        RegistryError: the registry cannot say.
    """
    found: dict[tuple[str, str], Attached] = {}
    subjects: set[str] = set()
    todo = list(dict.fromkeys(digests))
    for _ in range(LEVELS):
        subjects.update(todo)
        new = [each for digest in todo for each in _about(registry, repository, digest, manifests)]
        for each in new:
            found.setdefault((each.subject, each.digest), each)
        todo = list(dict.fromkeys(each.digest for each in new if each.digest not in subjects))
    return tuple(sorted(found.values()))


def _about(registry: Registry, repository: str, subject: str, manifests: ManifestStore) -> Iterator[Attached]:
    tag = fallback_tag(subject)
    for suffix, kind in COSIGN.items():
        head = registry.head_manifest(repository, f"{tag}.{suffix}")
        if head is not None:
            manifest = manifests.get(registry, repository, head.digest)
            yield _attached(subject, kind, manifest, manifest.artifact_type, f"{tag}.{suffix}")
    listed = [each.digest for each in registry.referrers(repository, subject) or ()]
    head = registry.head_manifest(repository, tag)
    if head is not None:
        listed += (each.digest for each in manifests.get(registry, repository, head.digest).children)
    for digest in dict.fromkeys(listed):
        try:
            manifest = manifests.get(registry, repository, digest)
        except NotFound:
            continue  # a list under a tag outlives what it lists
        if manifest.subject is None or manifest.subject.digest != subject:
            continue
        said = manifest.artifact_type or (manifest.config.media_type if manifest.config else "")
        yield _attached(subject, kind_of(said), manifest, said, "")


def kind_of(artifact_type: str) -> Kind:
    """Return what a referrer is by its artefact type, or the media type of its configuration where it has none."""
    return next((kind for text, kind in _TYPES if text in artifact_type.lower()), "referrer")


def _attached(subject: str, kind: Kind, manifest: Manifest, artifact_type: str, tag: str) -> Attached:
    size = len(manifest.content) + sum(each.size for each in (*manifest.children, *manifest.blobs) if not each.foreign)
    return Attached(subject, kind, manifest.digest, manifest.media_type, artifact_type, size, tag)
