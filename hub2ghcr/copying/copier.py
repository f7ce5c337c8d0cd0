"""Copying images, many at a time.

For one image, in this order:

1. HEAD at the target's tag, where that has another digest at the digest, and where something is attached to the image
   at that. Where all is there, nothing is done and the source is never asked.
2. The manifests below and of the image, read by digest, byte for byte: from an archive that holds them, from what is
   kept on this machine, else from the source, within the pulls that are left.
3. Blobs: each is passed over where the target has it, mounted from another repository where a copy put it there, else
   streamed through, checked against its digest.
4. Children that the target lacks, then the index, then the tag: whoever sees the tag sees a whole image.
5. What is attached to it, the same way: a second run finds by 1. what a first one could not finish.

Images and blobs go through two bounded pools. An image waits for its blobs and a blob for nothing, so they cannot block
one another.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from concurrent import futures
from functools import partial
from typing import Final, Self

from ..archives import Archives
from ..errors import BudgetSpent, Hub2GhcrError, RegistryError
from ..manifest_store import ManifestStore
from ..reference import Reference
from ..registry import Registries
from . import affording
from .affording import Cost
from .blobs import Blobs
from .homes import Homes
from .job import Copied, Failed, Job, Left, Result
from .progress import Progress, Silent
from .seen import Seen, see
from .source import Source
from .target import Target
from .transfer import Transfer

JOBS: Final = 8
"""Images, and blobs, copied at the same time unless told otherwise."""
INTERRUPTIBLE: Final = 0.5
"""Seconds after which a wait looks for an interrupt at the latest."""
POLL: Final = 60.0
"""Seconds between two questions whether there are pulls again."""


class Copier:
    """Copies images and remembers, for all of them, which blobs the target registries hold. Safe for many threads.

    Args:
        registries: where images come from and go to.
        jobs: how many images, and how many blobs, at the same time.
        progress: is told how it goes.
        manifests: what is kept of sources, and the pulls that may be spent on the rest.
        archives: what is taken from them is not asked for at a registry.
        homes: where blobs can be mounted from, as far as earlier runs wrote it down; closed with the copier.
    """

    def __init__(
        self,
        registries: Registries,
        *,
        jobs: int = JOBS,
        progress: Progress | None = None,
        manifests: ManifestStore | None = None,
        archives: Archives | None = None,
        homes: Homes | None = None,
    ) -> None:
        self._registries = registries
        self._progress = progress or Silent()
        self._manifests = manifests or ManifestStore(None)
        self._budget = self._manifests.budget
        self._archives = archives
        self._images = futures.ThreadPoolExecutor(jobs, "image")
        self._homes = homes or Homes()
        self._blobs = Blobs(jobs, self._homes)
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
        self._blobs.close(wait=wait)
        self._homes.close()

    def copy_all(
        self, jobs: Iterable[Job], *, dry_run: bool = False, wait: bool = False, whole: bool = False
    ) -> Sequence[Result]:
        """Copy images side by side; the results are in the order of the jobs, failures among them.

        All targets are looked at first. Then those images are copied that the pulls left suffice for, in the order of
        the jobs; the others are `Left`, or with ``wait`` copied as soon as the registry allows more pulls. A run's own
        number of pulls does not grow by waiting.

        With ``dry_run`` only the targets are asked, and the results say what would be done. With ``whole`` images that
        are there are looked at down to their last manifest, and mended.
        """
        jobs = list(jobs)
        results: dict[int, Result] = {}
        todo: dict[int, Seen] = {}

        def look(index: int) -> None:
            try:
                seen = see(jobs[index], self._registries, whole=whole)
            except Hub2GhcrError as error:
                self._finish(results, index, Failed(jobs[index], error))
                return
            if dry_run or seen.outcome == "present":
                self._finish(results, index, seen.result)
            else:
                todo[index] = seen

        self._expect(jobs)
        self._each(look, range(len(jobs)))
        todo = dict(sorted(todo.items()))
        if todo:
            self._remember(jobs[index] for index in results.keys() | todo.keys() if not _absent(todo.get(index)))
        begin = True
        while todo:
            before = len(todo)
            self._round(todo, results, begin)
            if len(todo) < before:
                begin = False
                continue  # how many pulls are left is known better now: more images may fit
            if not wait or self._budget.own_left == 0:
                break
            self._pause(before)
            begin = True
        for index, seen in todo.items():
            self._finish(results, index, Left(seen.job, self._cost(seen).pulls))
        return [results[index] for index in range(len(jobs))]

    def look(self, job: Job, *, whole: bool = False) -> Copied:
        """Say what `copy` would do, by asking the target alone; ``attached`` counts what is missing there.

        Raises:
            RegistryError: one line with the place and the remedy.
        """
        return see(job, self._registries, whole=whole).result

    def copy(self, job: Job, *, whole: bool = False) -> Copied:
        """Copy one image, or with ``whole`` mend it where something below it is missing.

        Raises:
            Hub2GhcrError: one line with the place and the remedy; `BudgetSpent` where no pulls are left for it.
        """
        return self._make(see(job, self._registries, whole=whole))

    def pulls(self, job: Job) -> int:
        """Return how many manifests a copy of the whole image reads from its source at most."""
        digests = (job.digest, *(each.digest for each in job.attached))
        return affording.cost(self._source(job), digests).pulls

    def _expect(self, jobs: Iterable[Job]) -> None:
        """Tell registries which repositories they will be asked about."""
        wanted: dict[str, set[str]] = {}
        for job in jobs:
            target = Reference.parse(job.target)
            wanted.setdefault(target.registry, set()).add(target.repository)
        for host, repositories in wanted.items():
            self._registries.at(host).expect(repositories)

    def _round(self, todo: dict[int, Seen], results: dict[int, Result], begin: bool) -> None:
        """Copy the images that the pulls left suffice for, and take them out of ``todo``; ``begin`` as in `afford`."""
        costs = [self._cost(seen) for seen in todo.values()]
        hosts = sorted({each.host for each in costs if each.pulls})
        allowed = {host: self._budget.ask(self._registries.at(host)) for host in hosts}
        remaining = {host: each.remaining if each else None for host, each in allowed.items()}
        fitting = affording.afford(costs, self._budget.own_left, remaining, begin=begin)

        def make(index: int) -> None:
            seen = todo[index]
            try:
                result: Result = self._make(seen)
            except BudgetSpent:
                return
            except Hub2GhcrError as error:
                result = Failed(seen.job, error)
            self._finish(results, index, result)

        self._each(make, [index for index, fits in zip(todo, fitting, strict=True) if fits])
        for index in results.keys() & todo.keys():
            del todo[index]

    def _make(self, seen: Seen) -> Copied:
        if seen.outcome == "present":
            return seen.result
        job = seen.job
        self._progress.expect(job, 0)
        source = self._source(job)
        expect, advance = partial(self._progress.expect, job), partial(self._advance, job)
        try:
            return Transfer(seen, source, self._blobs, expect, advance).make()
        except BudgetSpent:
            if self._budget.own_left != 0:
                self._budget.exhaust(source.host)
            raise

    def _source(self, job: Job) -> Source:
        return Source(job, self._registries, self._manifests, self._archives)

    def _cost(self, seen: Seen) -> Cost:
        image = (seen.job.digest,) if seen.outcome == "copied" else ()
        return affording.cost(self._source(seen.job), (*image, *(each.digest for each in seen.missing)))

    def _remember(self, jobs: Iterable[Job]) -> None:
        """Learn from images that are there which blobs can be mounted, as far as their manifests are kept here."""
        for job in jobs:
            target = Reference.parse(job.target)
            there = Target(self._registries.at(target.registry), target.repository)
            self._blobs.known(there, (blob.digest for each in self._source(job).kept_image() for blob in each.blobs))

    def _advance(self, job: Job, size: int) -> None:
        if self._stopped.is_set() and size > 0:
            raise RegistryError("interrupted", remedy="run it again: what is at the target is not copied twice")
        self._progress.advance(job, size)

    def _finish(self, results: dict[int, Result], index: int, result: Result) -> None:
        results[index] = result
        self._progress.finish(result)

    def _each(self, work: Callable[[int], None], indexes: Iterable[int]) -> None:
        for future in [self._images.submit(work, index) for index in indexes]:
            while not future.done():
                # A signal that comes just before a wait without end would be seen only after it.
                futures.wait([future], timeout=INTERRUPTIBLE)
            future.result()

    def _pause(self, images: int) -> None:
        windows = [each.window for each in self._budget.allowances.values() if each.window]
        seconds = min([POLL, *windows])
        self._progress.wait(seconds, images)
        self._stopped.wait(seconds)


def _absent(seen: Seen | None) -> bool:
    return seen is not None and seen.outcome == "copied"


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
