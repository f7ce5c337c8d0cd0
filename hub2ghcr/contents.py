"""What an image consists of, read once when it is locked: platforms, sizes, what is attached, what a copy costs."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Final

from . import attached as attaching
from .attached import Attached
from .copying.attaching import carried
from .copying.narrowing import narrow
from .copying.source import Source
from .errors import RegistryError
from .lock import Narrowed
from .reference import Reference, is_digest
from .registry import Manifest

CONFIGS: Final = frozenset(
    {"application/vnd.oci.image.config.v1+json", "application/vnd.docker.container.image.v1+json"}
)
"""Configurations that say a platform; those of a Helm chart or another artefact do not."""


@dataclass(frozen=True, slots=True)
class Contents:
    """See `hub2ghcr.lock.Entry`, whose fields these are."""

    media_type: str
    platforms: tuple[str, ...]
    size: int
    manifests: int
    attached: tuple[Attached, ...]
    narrowed: Narrowed | None


def read(source: Source, platforms: Collection[str] = (), *, alone: bool = False) -> Contents:
    """Read what a copy of an image reads from its source, but for layers.

    Args:
        source: the image.
        platforms: what its rule asks for (``os/architecture[/variant]``); where the image has more, it is narrowed.
        alone: leave out what is attached to it.

    Raises:
        BudgetSpent: no pulls are left for all of it; what was read is kept.
        RegistryError, ArchiveError: it cannot be read, is of Docker schema 1, or lacks a platform.
    """
    top = source.manifest(source.job.digest)
    narrowed = _narrowed(source, top, platforms)
    if narrowed is None:
        image = source.tree(top.digest)
    else:
        narrow_job = replace(source.job, platforms=narrowed.platforms, narrowed=narrowed.digest)
        image = replace(source, job=narrow_job).image()
    found = () if alone else _attached(source, top, image)
    moving, _ = carried(found, {each.digest for each in image} if narrowed else None)
    manifests = {each.digest: each for each in image}
    for one in moving:
        manifests.update((each.digest, each) for each in source.tree(one.digest))
    blobs = {blob.digest: blob.size for each in manifests.values() for blob in each.blobs if not blob.foreign}
    return Contents(
        top.media_type,
        _platforms(source, top, image),
        sum(len(each.content) for each in manifests.values()) + sum(blobs.values()),
        len(manifests),  # a narrowed index is not read, but the one that it is made of is
        found,
        narrowed,
    )


def asked(platform: str, platforms: Collection[str]) -> bool:
    """Tell whether a rule asks for a platform; ``linux/arm64`` also takes ``linux/arm64/v8``."""
    return any(platform == each or platform.startswith(f"{each}/") for each in platforms)


def _narrowed(source: Source, top: Manifest, platforms: Collection[str]) -> Narrowed | None:
    """Return the new index that a rule asks for, None where the image has no other platforms than those."""
    if not platforms:
        return None
    place = source.job.source
    if not top.is_index:
        there = _platforms(source, top, [top])
        if all(asked(each, platforms) for each in there):
            return None
        remedy = "give it a rule of its own without `platforms`"
        raise RegistryError(f"the image is for {there[0]} alone, and its rule asks for others", place, remedy=remedy)
    try:
        made = narrow(top, platforms)
    except RegistryError as error:
        raise error.at(place) from None
    if len(made.children) == len(top.children):
        return None
    return Narrowed(made.digest, tuple(sorted(platforms)))


def _attached(source: Source, top: Manifest, image: list[Manifest]) -> tuple[Attached, ...]:
    # Attestations inside an index are listed as unknown/unknown: nobody signs those
    aside = {child.digest for each in image for child in each.children if "unknown" in child.platform}
    digests = [top.digest, *(each.digest for each in image[:-1] if each.digest not in aside)]
    reference = Reference.parse(source.job.source)
    registry = source.registries.at(reference.registry)
    return attaching.find(registry, reference.repository, digests, source.manifests)


def _platforms(source: Source, top: Manifest, image: list[Manifest]) -> tuple[str, ...]:
    if top.is_index:
        listed = (child.platform for each in (top, *image) for child in each.children)
        return tuple(sorted({each for each in listed if each and "unknown" not in each}))
    config = top.config
    if config is None or config.media_type not in CONFIGS or not is_digest(config.digest):
        return ()
    reference = Reference.parse(source.job.source)
    archive = source.archives.at(config.digest) if source.archives else None
    content = archive or source.registries.at(reference.registry)
    try:
        data = json.loads(content.get_blob(reference.repository, config.digest))
        names = (data.get("os"), data.get("architecture"), data.get("variant"))
    except (ValueError, AttributeError):
        raise RegistryError("the image's configuration is not a JSON object", source.job.source) from None
    return ("/".join(str(name) for name in names if name),) if all(names[:2]) else ()
