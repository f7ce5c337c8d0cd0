"""What images take to be copied: by registry, and of Docker Hub's pull allowance."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from ..allowance import Allowance
from ..reference import HUB, Reference
from .nouns import ImageFacts, Pulls, RegistryProgress


def registries(images: Iterable[ImageFacts]) -> tuple[RegistryProgress, ...]:
    """Return what comes from which registry to which."""
    groups: dict[tuple[str, str], list[ImageFacts]] = {}
    for each in images:
        groups.setdefault((_host(each.source), _host(each.target)), []).append(each)
    return tuple(_progress(source, target, group) for (source, target), group in sorted(groups.items()))


def pulls(images: Iterable[ImageFacts], asked: bool, left: Allowance | None) -> Pulls | None:
    """Return what is needed of Docker Hub's allowance, None where nothing comes from there.

    An image takes one pull at least, where the lock does not know how many.

    Args:
        images: all of them.
        asked: whether Docker Hub was asked what is left.
        left: what it said.
    """
    copied = [each for each in images if _host(each.source) == HUB]
    return Pulls(sum(max(1, each.manifests) for each in copied if not each.there), asked, left) if copied else None


def united(images: Iterable[ImageFacts]) -> tuple[ImageFacts, ...]:
    """Return the images of several stacks by target, each target and digest once: one copy serves all of them."""
    groups: dict[tuple[str, str], list[ImageFacts]] = {}
    for each in images:
        groups.setdefault((each.target, each.digest), []).append(each)
    return tuple(_one(group) for _, group in sorted(groups.items()))


def _one(group: list[ImageFacts]) -> ImageFacts:
    known = [each.there for each in group if each.there is not None]
    users = tuple(sorted({user for each in group for user in each.users}))
    return replace(group[0], there=any(known) if known else None, users=users)


def _progress(source: str, target: str, group: list[ImageFacts]) -> RegistryProgress:
    known = [each.there for each in group if each.there is not None]
    left = sum(each.size for each in group if not each.there)
    size = sum(each.size for each in group)
    return RegistryProgress(source, target, len(group), size, left, sum(known) if known else None)


def _host(image: str) -> str:
    return Reference.parse(image).registry if image else ""
