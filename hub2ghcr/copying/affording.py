"""Which images the pulls that are left suffice for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from .narrowing import narrow
from .source import Source


@dataclass(frozen=True, slots=True)
class Cost:
    """What an image costs at most: ``pulls`` of manifests at the registry ``host``."""

    host: str
    pulls: int


def cost(source: Source, digests: Iterable[str]) -> Cost:
    """Return what it costs to read the manifests with these digests and all below them.

    What is kept, or in an archive, costs nothing. How many are below a manifest that is not kept only the lock can
    tell; where it does not, that one counts alone.
    """
    missing: set[str] = set()
    seen: set[str] = set()

    def look(digest: str) -> None:
        if digest in seen:
            return
        seen.add(digest)
        kept = source.kept(digest)
        if kept is None:
            missing.add(digest)
            return
        if source.job.narrowed and digest == source.job.digest:
            kept = narrow(kept, source.job.platforms)
        for child in kept.children:
            look(child.digest)

    for digest in digests:
        look(digest)
    unknown = source.job.manifests if source.job.digest in missing else 0
    return Cost(source.host, max(len(missing), unknown))


def afford(
    costs: Sequence[Cost], own: int | None, allowed: Mapping[str, int | None], *, begin: bool = False
) -> list[bool]:
    """Say of each image whether it is copied now, in the order given: each that still fits is.

    With ``begin``, where none fits though some pulls are left, the first one gets them: what is read of it is kept, so
    an image with more manifests than a whole window allows is copied in the end.

    Args:
        costs: what the images cost.
        own: pulls left of the run's own number; None is any number.
        allowed: pulls left by host; None, or no entry, is any number.
        begin: whether an image may be begun that cannot be finished.
    """
    least = {each.host: _least(own, allowed.get(each.host)) for each in costs}
    left: dict[str, int | None] = dict(allowed)

    def take(each: Cost) -> bool:
        nonlocal own
        bound = _least(own, left.get(each.host))
        if bound is not None and each.pulls > bound:
            return False
        own = None if own is None else own - each.pulls
        host = left.get(each.host)
        left[each.host] = None if host is None else host - each.pulls
        return True

    taken = [not each.pulls or take(each) for each in costs]
    if begin and not any(fits and each.pulls for fits, each in zip(taken, costs, strict=True)):
        for index, each in enumerate(costs):
            if not taken[index] and least[each.host]:
                taken[index] = True
                break
    return taken


def _least(one: int | None, other: int | None) -> int | None:
    return one if other is None else other if one is None else min(one, other)
