"""Copying locked images to GHCR: the same bytes, so the same digests, and nothing that is there already.

For one image, in this order:

1. HEAD at the target's tag and at its digest. Where both are there, nothing is done and the source is never asked.
2. The manifest and, of an index, its children, read by digest from the source, byte for byte.
3. Blobs: passed over where the target has them, mounted from another repository of the target's registry where a copy
   of this process put them there, else streamed through, checked against their digests.
4. Children, then the index, then the tag: whoever sees the tag sees a whole image.

Images and blobs go through two bounded pools. An image waits for its blobs and a blob for nothing, so they cannot block
one another.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import replace
from functools import partial
from typing import Final, Protocol, Self

from ..errors import Hub2GhcrError, NotFound, RegistryError
from ..reference import Reference
from ..registry import Descriptor, Manifest, Registries, Registry
from .job import Copied, Failed, Job

JOBS: Final = 8
"""Images, and blobs, copied at the same time unless told otherwise."""
INTERRUPTIBLE: Final = 0.5
"""Seconds after which a wait looks for an interrupt at the latest."""
DEPTH: Final = 4
"""Levels of indexes within indexes that are followed; real ones have one."""


class Progress(Protocol):
    """Is told how the work goes, from many threads."""

    def expect(self, size: int) -> None:
        """Take note of ``size`` more bytes to be placed at the target."""

    def advance(self, size: int) -> None:
        """Take note of ``size`` bytes placed: sent, mounted or found there. Negative when they must be sent again."""

    def finish(self, result: Copied | Failed) -> None:
        """Take note of an image that is done."""


class Silent:
    """Progress that nobody watches."""

    def expect(self, size: int) -> None:
        """Do nothing."""

    def advance(self, size: int) -> None:
        """Do nothing."""

    def finish(self, result: Copied | Failed) -> None:
        """Do nothing."""


class Copier:
    """Copies images and remembers, for all of them, which blobs the target registries hold. Safe for many threads."""

    def __init__(self, registries: Registries, *, jobs: int = JOBS, progress: Progress | None = None) -> None:
        self._registries = registries
        self._progress = progress or Silent()
        self._images = ThreadPoolExecutor(jobs, "image")
        self._blobs = ThreadPoolExecutor(jobs, "blob")
        self._known: dict[tuple[str, str], set[str]] = {}
        self._moving: dict[tuple[str, str], Future[str]] = {}
        self._lock = threading.Lock()
        self._stopped = threading.Event()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is not None:
            self._stopped.set()
        self.close(wait=kind is None)

    def close(self, *, wait: bool = True) -> None:
        """Drop what has not begun, and ``wait`` for what runs; after an interrupt that ends at its next piece."""
        self._images.shutdown(wait=wait, cancel_futures=True)
        self._blobs.shutdown(wait=wait, cancel_futures=True)

    def copy_all(self, jobs: Iterable[Job], *, dry_run: bool = False) -> Sequence[Copied | Failed]:
        """Copy images side by side; the results are in the order of the jobs, failures among them.

        With ``dry_run`` only the target is asked, and the results say what would be done.
        """
        work = self.look if dry_run else self.copy
        futures = [self._images.submit(self._outcome, work, job) for job in jobs]
        pending: set[Future[Copied | Failed]] = set(futures)
        while pending:
            # A signal that comes just before a wait without end would be seen only after it.
            pending = wait(pending, timeout=INTERRUPTIBLE).not_done
        return [future.result() for future in futures]

    def look(self, job: Job) -> Copied:
        """Say what `copy` would do, by HEADs at the target alone.

        Raises:
            RegistryError: one line with the place and the remedy.
        """
        target = Reference.parse(job.target)
        there = self._registries.at(target.registry)
        at_tag = there.head_manifest(target.repository, target.tag, push=True) if target.tag else None
        if at_tag and at_tag.digest == job.digest:
            return Copied(job, "present")
        replaced = at_tag.digest if at_tag else None
        if not there.head_manifest(target.repository, job.digest, push=True):
            return Copied(job, "copied", replaced=replaced)
        return Copied(job, "tagged" if target.tag else "present", replaced=replaced)

    def copy(self, job: Job) -> Copied:
        """Copy one image.

        Raises:
            RegistryError: one line with the place and the remedy.
        """
        found = self.look(job)
        source, target = Reference.parse(job.source), Reference.parse(job.target)
        if found.outcome == "copied":
            return self._transfer(job, source, target, found.replaced)
        if found.outcome == "tagged" and target.tag:
            there = self._registries.at(target.registry)
            whole = there.get_manifest(target.repository, job.digest, push=True)
            there.put_manifest(target.repository, target.tag, whole)
            return replace(found, manifests=1)
        return found

    def _outcome(self, work: Callable[[Job], Copied], job: Job) -> Copied | Failed:
        result: Copied | Failed
        try:
            result = work(job)
        except Hub2GhcrError as error:
            result = Failed(job, error)
        self._progress.finish(result)
        return result

    def _transfer(self, job: Job, source: Reference, target: Reference, replaced: str | None) -> Copied:
        here, there = self._registries.at(source.registry), self._registries.at(target.registry)
        try:
            manifests = _read(here, source.repository, job.digest)
        except NotFound as error:
            raise NotFound(f"{error.what}; it is locked as {job.source}", error.path, "", error.remedy) from None
        blobs = {blob.digest: blob for each in manifests for blob in each.blobs if not blob.foreign}
        self._progress.expect(sum(blob.size for blob in blobs.values()))
        ways = self._place(here, source.repository, there, target.repository, list(blobs.values()))
        for each in manifests:
            last = each is manifests[-1]
            there.put_manifest(target.repository, (last and target.tag) or each.digest, each)
        uploaded, mounted, found = (
            sum(1 for each in ways.values() if each == way) for way in ("uploaded", "mounted", "found")
        )
        size = sum(blobs[digest].size for digest, way in ways.items() if way == "uploaded")
        return Copied(job, "copied", len(manifests), uploaded, mounted, found, size, replaced=replaced)

    def _place(
        self, here: Registry, source: str, there: Registry, target: str, blobs: list[Descriptor]
    ) -> dict[str, str]:
        """Bring blobs into the target repository; returns the way each one came.

        A blob that another image is just bringing to this registry is waited for, since it can be mounted then.
        """
        ways: dict[str, str] = {}
        while blobs:
            own: dict[str, Future[str]] = {}
            others: list[Future[str]] = []
            later: list[Descriptor] = []
            for blob in blobs:
                key = (there.host, blob.digest)
                with self._lock:
                    moving = self._moving.get(key)
                    if moving is None:
                        own[blob.digest] = self._moving[key] = self._blobs.submit(
                            self._place_one, here, source, there, target, blob
                        )
                if moving is not None:
                    others.append(moving)
                    later.append(blob)
            wait([*own.values(), *others])
            for digest, future in own.items():
                ways[digest] = future.result()
            blobs = later
        return ways

    def _advance(self, size: int) -> None:
        if self._stopped.is_set() and size > 0:
            raise RegistryError("interrupted", remedy="run it again: what is at the target is not copied twice")
        self._progress.advance(size)

    def _place_one(self, here: Registry, source: str, there: Registry, target: str, blob: Descriptor) -> str:
        key = (there.host, blob.digest)
        try:
            with self._lock:
                homes = self._known.setdefault(key, set())
                known, mount = target in homes, min(homes, default=None)
            way = "found"
            if not known and not there.has_blob(target, blob.digest):
                open_source = partial(here.open_blob, source, blob.digest)
                way = there.place_blob(target, blob, open_source, mount=mount, progress=self._advance)
            if way != "uploaded":
                self._progress.advance(blob.size)
            with self._lock:
                homes.add(target)
            return way
        finally:
            with self._lock:
                self._moving.pop(key, None)


def copy_image(source: str, target: str, digest: str, *, registries: Registries) -> Copied:
    """Copy one image; for many, a `Copier` remembers what it placed and works on several at a time.

    Raises:
        RegistryError: one line with the place and the remedy.
    """
    with Copier(registries) as copier:
        return copier.copy(Job(source, target, digest))


def present(target: str, digest: str, *, registries: Registries) -> bool:
    """Tell by HEAD alone whether the target has this digest, at its tag if it has one.

    Raises:
        RegistryError: the registry cannot say.
    """
    reference = Reference.parse(target)
    found = registries.at(reference.registry).head_manifest(reference.repository, reference.tag or digest, push=True)
    return found is not None and found.digest == digest


def _read(registry: Registry, repository: str, digest: str, depth: int = DEPTH) -> list[Manifest]:
    """Read a manifest and all below it, children before parents, each once."""
    found = registry.get_manifest(repository, digest)
    if found.is_index and not depth:
        raise RegistryError(f"indexes are nested more than {DEPTH} deep", f"{registry.host}/{repository}", digest)
    below: dict[str, Manifest] = {}
    for child in found.children:
        if child.digest not in below:
            below.update((each.digest, each) for each in _read(registry, repository, child.digest, depth - 1))
    return [*below.values(), found]
