"""Proving images, many at a time."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from ..errors import AccessRefused, Hub2GhcrError, NotFound, RegistryError
from ..lock import Entry
from ..reference import Reference
from ..registry import Registries, Registry
from .expected import Expected, Reader
from .image import Image
from .verified import Verified

JOBS: Final = 8
"""Images proven at the same time."""
COPY: Final = "`hub2ghcr copy` copies it"
MOVED: Final = "`hub2ghcr copy` puts it back"
RELEASE: Final = "publish it again, or take what is there with `hub2ghcr lock --update`"


class Verifier:
    """Proves images at their targets, and reads each blob of all of them at most once. Safe for many threads.

    Args:
        registries: where the images are; whoever speaks there must be able to read them.
        deep: read every blob and check its hash, instead of asking whether it is there.
        jobs: images at the same time.
    """

    def __init__(self, registries: Registries, *, deep: bool = False, jobs: int = JOBS) -> None:
        self._registries = registries
        self._deep = deep
        self._jobs = jobs
        self._claimed: set[tuple[str, str]] = set()
        self._lock = threading.Lock()

    def verify_all(
        self, expected: Sequence[Expected], progress: Callable[[int, int], None] = lambda _, __: None
    ) -> Sequence[Verified]:
        """Prove images; the results are in their order.

        ``progress`` is told how many of how many are done, whenever something was looked at.
        """
        done: list[Expected] = []  # its length is what counts: to append is safe for threads

        def tell() -> None:
            progress(len(done), len(expected))

        def one(each: Expected) -> Verified:
            result = self.verify(each, tell)
            done.append(each)
            tell()
            return result

        with ThreadPoolExecutor(self._jobs, "verify") as pool:
            return list(pool.map(one, expected))

    def verify(self, expected: Expected, step: Callable[[], None] = lambda: None) -> Verified:
        """Prove one image; nothing is raised, what is wrong stands in the result. ``step`` is told of each blob."""
        entry = expected.entry
        reference = Reference.parse(entry.target)
        registry = self._registries.at(reference.registry)
        problems: list[Hub2GhcrError] = []
        try:
            there = _at_tag(registry, reference, entry, problems)
        except Hub2GhcrError as error:
            return Verified(entry, problems=(error,))
        if not there:
            return Verified(entry, problems=tuple(problems))
        image = Image(registry, reference.repository, self._read_here if self._deep else None, step)
        image.check(entry)
        problems += image.problems
        able = [each for each in expected.readers if _pulls(each, reference, entry, problems)]
        return Verified(
            entry,
            image.manifests,
            image.blobs,
            image.attached,
            image.read,
            tuple(sorted(each.who for each in able)),
            tuple(problems),
        )

    def _read_here(self, host: str, digest: str) -> bool:
        """Whether a blob is to be read now: once, in whichever repository it is met first."""
        key = (host, digest)
        with self._lock:
            first = key not in self._claimed
            self._claimed.add(key)
        return first


def _at_tag(registry: Registry, reference: Reference, entry: Entry, problems: list[Hub2GhcrError]) -> bool:
    """Whether the image is there; a tag that is missing or stands for something else is a problem of its own."""
    digest = entry.target_digest
    back = RELEASE if entry.published else COPY
    if reference.tag:
        head = registry.head_manifest(reference.repository, reference.tag)
        if head is not None and head.digest == digest:
            return True
        if head is None:
            problems.append(NotFound("the tag is not there", entry.place, remedy=back))
        else:
            what = f"the tag stands for {head.digest}, and {digest} is locked"
            problems.append(RegistryError(what, entry.place, remedy=RELEASE if entry.published else MOVED))
    if registry.head_manifest(reference.repository, digest) is not None:
        return True
    if not problems:
        problems.append(NotFound("the image is not there", entry.place, remedy=back))
    return False


def _pulls(reader: Reader, reference: Reference, entry: Entry, problems: list[Hub2GhcrError]) -> bool:
    try:
        registry = reader.registries.at(reference.registry)
        if registry.head_manifest(reference.repository, entry.target_digest) is not None:
            return True
        why = "the registry shows nothing there"
    except RegistryError as error:
        why = error.what
    problems.append(AccessRefused(f"{reader.who} cannot pull it: {why}", entry.place, remedy=reader.remedy))
    return False
