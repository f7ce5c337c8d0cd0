"""Which images are at their targets: many are asked for at a time, a registry that is dumb once."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from ..errors import RegistryError, Unreachable
from ..plan import ImageCopy
from ..reference import Reference
from ..registry import Registries
from .nouns import NotLooked

JOBS: Final = 8
"""Images looked for at the same time."""


def there(
    copies: Sequence[ImageCopy], registries: Registries, told: Callable[[int, int], object]
) -> tuple[dict[str, bool], list[NotLooked]]:
    """Return whether each image is at its target, with its digest, and what was not answered, and why.

    Args:
        copies: the images.
        registries: as we read them.
        told: hears how many have been looked for, and of how many.
    """
    dumb: dict[str, str] = {}
    lock, done = threading.Lock(), 0

    def one(copy: ImageCopy) -> tuple[bool | None, str]:
        nonlocal done
        target = Reference.parse(copy.target)
        found, why = None, dumb.get(target.registry, "")
        if not why:
            try:
                found = registries.at(target.registry).head_manifest(target.repository, copy.digest) is not None
            except RegistryError as error:
                why = f"{error.what}; {error.remedy}" if error.remedy else error.what
                if isinstance(error, Unreachable):
                    dumb[target.registry] = why
        with lock:
            done += 1
            told(done, len(copies))
        return found, why

    with ThreadPoolExecutor(JOBS) as pool:
        answers = list(zip(copies, pool.map(one, copies), strict=True))
    known = {copy.target: found for copy, (found, _) in answers if found is not None}
    reasons: dict[tuple[str, str], int] = {}
    for copy, (_, why) in answers:
        if why:
            key = (Reference.parse(copy.target).registry, why)
            reasons[key] = reasons.get(key, 0) + 1
    return known, [NotLooked(f"{count} of the images on {host}", why) for (host, why), count in sorted(reasons.items())]
