"""One locked image."""

from __future__ import annotations

from dataclasses import dataclass

from ..attached import Attached
from ..reference import DEFAULT_TAG, Reference


@dataclass(frozen=True, slots=True, order=True)
class Resolved:
    """When (UTC, ``2026-11-20T10:00:00Z``) and from what an entry was resolved: a registry's host, or an archive."""

    at: str
    source: str


@dataclass(frozen=True, slots=True)
class Narrowed:
    """What the target holds where a rule asks for some ``platforms`` alone: a new index with this ``digest``."""

    digest: str
    platforms: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """One locked image.

    ``source`` is empty where the image was published at its target, which is where its digest comes from then.
    ``digest``, ``media_type`` and ``platforms`` (``os/architecture[/variant]``) are those of the source. A copy of all
    of it, with what is ``attached``, reads so many ``manifests`` from the source and transfers ``size`` bytes,
    manifests and blobs of all platforms, each digest once; 0 manifests: that is not known.
    """

    source: str
    digest: str
    media_type: str
    platforms: tuple[str, ...]
    size: int
    target: str
    resolved: Resolved
    manifests: int = 0
    attached: tuple[Attached, ...] = ()
    narrowed: Narrowed | None = None

    @property
    def published(self) -> bool:
        """Whether the image was born at its target, so that nothing is to be copied."""
        return not self.source

    @property
    def key(self) -> str:
        """What the entry is found by: its source, or its target where it has none."""
        return self.source or self.target

    @property
    def target_digest(self) -> str:
        """The digest that the target holds, and workloads run."""
        return self.narrowed.digest if self.narrowed else self.digest

    @property
    def target_platforms(self) -> tuple[str, ...]:
        """The platforms that the target has."""
        return self.narrowed.platforms if self.narrowed else self.platforms

    @property
    def place(self) -> str:
        """The target as a copy names it: with its tag, or else with its digest.

        Two digests of one repository may be wanted without a tag: their copies do not share a name.
        """
        tagged = Reference.parse(self.target).tag is not None
        return self.target if tagged else f"{self.target}@{self.target_digest}"


def source_of(reference: Reference) -> str:
    """Return the key of a reference's entry: canonical, by its tag, or by its digest where it has no tag.

    Where it has neither it is locked by ``latest``, which is what a pull of it takes.
    """
    if reference.digest and not reference.tag:
        return reference.canonical
    return f"{reference.name}:{reference.tag or DEFAULT_TAG}"


def target_of(reference: Reference) -> str:
    """Return how an entry spells its target: as its source, but never with a digest."""
    return reference.name if reference.digest and not reference.tag else source_of(reference)
