"""Resolving what workloads name to lock entries.

The digest comes from a HEAD, which is free on Docker Hub. Manifests are read for an image that was not locked yet or
has moved, each at most once in the life of its digest (see `hub2ghcr.manifest_store`), and no more than the pulls that
are left allow: images that these do not suffice for are left for a later run, which goes on where this one ended.

An image that an archive names is resolved from that, and its registry is not asked. Once locked so, it stays so without
the archive: whatever a registry has under its name may be somebody else's.

A locked image keeps its digest until it is asked to follow its tag, and its entry's bytes do not change while nothing
about it does: running this twice gives the same file. What was attached to it since is found when its entry is removed
and it is locked anew, which costs no pull.
"""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from typing import Final, Literal

from . import contents
from .archives import ORIGIN, Archives, export_command
from .copying import Job
from .copying.source import Source
from .errors import BudgetSpent, Hub2GhcrError, LockError, NotFound, raise_all
from .lock import Entry, Lock, Resolved, source_of
from .manifest_store import ManifestStore
from .reference import DEFAULT_TAG, Reference, one_host
from .registry import Registries

JOBS: Final = 8
"""Images resolved at the same time."""

SCARCE: Final = 1000
"""Pulls, more than all images that are read at the same time need."""

State = Literal["added", "unchanged", "retargeted", "narrowed", "moved", "followed", "left"]


@dataclass(frozen=True, slots=True)
class Wanted:
    """An image that a workload names, and where the mapping sends it.

    ``platforms`` are those that its rule asks for (empty: all). One that is ``published`` is at its target already, and
    only looked at where the lock has it, or an update takes it up. ``imported`` says on whose nodes somebody put it by
    hand: then an archive has to name it, as whatever a registry has under its name is somebody else's.
    """

    reference: Reference
    target: str
    platforms: tuple[str, ...] = ()
    published: bool = False
    imported: str = ""


@dataclass(frozen=True, slots=True)
class Resolution:
    """What became of one image; ``source`` is its entry's key.

    ``added``: locked now. ``unchanged``. ``retargeted``: the mapping sends it elsewhere than before. ``narrowed``: its
    rule asks for other platforms than before. ``moved``: the tag stands for another digest (``found``) than the locked
    one, which was kept. ``followed``: the same, and it was taken. ``left``: no pulls are left to read it.
    """

    source: str
    state: State
    entry: Entry
    found: str
    before: str | None = None


def resolve(
    wanted: Iterable[Wanted],
    lock: Lock,
    registries: Registries,
    *,
    manifests: ManifestStore | None = None,
    archives: Archives | None = None,
    update: bool | str = False,
    look: bool = False,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
    jobs: int = JOBS,
    done: Callable[[int, int], None] = lambda _, __: None,
) -> tuple[Resolution, ...]:
    """Resolve every image once, sorted by key: from ``archives`` that name it, else from its registry.

    Args:
        wanted: the images.
        lock: what they are locked as.
        registries: where they are.
        manifests: what is kept of sources, and the pulls that may be spent on the rest.
        archives: where images are taken from that no registry needs to have.
        update: follow tags that moved, and take up what was published: all, or what matches a pattern
            (``docker.io/library/*``).
        look: ask for digests alone; entries of images that are new or moved are not complete then.
        now: the time that entries were resolved at.
        jobs: how many images at the same time.
        done: is told how many images of how many are done, from many threads.

    Raises:
        Problems: every image that could not be resolved, or that two workloads pin to different digests.
    """
    problems: list[Hub2GhcrError] = []
    found: list[Resolution] = []
    merged = _merged(wanted, problems)
    store = manifests or ManifestStore(None)
    counter = itertools.count(1)
    instant = now().astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    run = _Run(lock, registries, store, archives or Archives(), update, look, instant)
    todo = [(key, each) for key, each in sorted(merged.items()) if run.concerns(key, each)]

    def one(item: tuple[str, Wanted]) -> Resolution | Hub2GhcrError:
        try:
            return run.resolve(*item)
        except Hub2GhcrError as error:
            return error
        finally:
            done(next(counter), len(todo))

    with ThreadPoolExecutor(jobs, "resolve") as pool:
        for result in pool.map(one, todo):
            if isinstance(result, Hub2GhcrError):
                problems.append(result)
            else:
                found.append(result)
    raise_all(problems)
    return tuple(found)


def locked(lock: Lock, resolutions: Iterable[Resolution]) -> Lock:
    """Return the lock with what was resolved; entries of images that are not named here stay."""
    return lock.merged(each.entry for each in resolutions if each.state != "left")


def not_locked(wanted: Sequence[Wanted], lock: Lock) -> tuple[str, ...]:
    """Return the published images that a lock does not have, sorted."""
    found = {source_of(each.reference) for each in wanted if each.published}
    targets = {each.target for each in wanted if not each.published}
    return tuple(sorted(key for key in found - targets if lock.to(key) is None))


def matches(key: str, pattern: str) -> bool:
    """Tell whether an image is meant by a pattern: its source with or without its tag; ``*`` also stands for ``/``."""
    reference = Reference.parse(key)
    return fnmatchcase(key, pattern) or fnmatchcase(reference.name, pattern)


def _merged(wanted: Iterable[Wanted], problems: list[Hub2GhcrError]) -> dict[str, Wanted]:
    """Merge the spellings of one image: a digest that one of them pins speaks for all."""
    merged: dict[str, Wanted] = {}
    todo = sorted(wanted, key=lambda item: (item.published, item.reference.canonical, item.target))
    targets = {each.target for each in todo if not each.published}
    for each in todo:
        source = source_of(each.reference)
        other = merged.get(source)
        if each.published and source in targets:
            continue  # a workload that is switched already names the target of what is copied there
        if other is None or other.reference.digest is None:
            merged[source] = each
        elif each.reference.digest not in (None, other.reference.digest):
            problems.append(
                LockError(
                    f"two workloads pin this tag to different digests: {other.reference.digest} and"
                    f" {each.reference.digest}",
                    source,
                    remedy="pin one digest, or give the other image a tag of its own",
                )
            )
    return merged


@dataclass(frozen=True, slots=True)
class _Run:
    lock: Lock
    registries: Registries
    manifests: ManifestStore
    archives: Archives
    update: bool | str
    look: bool
    instant: str
    reading: threading.Lock = field(default_factory=threading.Lock)

    def concerns(self, key: str, wanted: Wanted) -> bool:
        """Tell whether an image is looked at: what is on GHCR stays as it is named until an update takes it up."""
        return not wanted.published or self.lock.to(key) is not None or self._follows(key)

    def resolve(self, key: str, wanted: Wanted) -> Resolution:
        """Resolve one image."""
        if wanted.published:
            return self._published(key, wanted)
        before = self.lock.at(key)
        other = self.lock.at(wanted.target)
        if other is not None and other.published:
            what, remedy = f"its target was published, at {other.digest}", f"name the image {other.target}"
            raise LockError(what, key, remedy=f"{remedy} where it is run, or remove that entry from the lock")
        if before is None and wanted.imported and self.archives.named(wanted.reference) is None:
            command = export_command(wanted.reference)
            what = f"was imported on {wanted.imported}, and no archive names it"
            raise LockError(what, key, remedy=f"export it on one of them, `{command}`, and give that as --archive")
        found, origin = self._digest(key, wanted.reference, before)
        follow = before is None or self._follows(key)
        moved = before is not None and before.digest != found
        digest = found if before is None or follow else before.digest
        if before is not None and before.digest == digest and _fits(before, wanted.platforms):
            entry = replace(before, target=wanted.target)
            if moved:
                return Resolution(key, "moved", entry, found, before.digest)
            return Resolution(key, "unchanged" if entry == before else "retargeted", entry, found, before.target)
        entry = Entry(key, digest, "", (), 0, wanted.target, Resolved(self.instant, origin))
        read = self._read(entry, wanted, before)
        if before is None:
            return Resolution(key, "added" if read else "left", read or entry, found)
        if read is None:
            return Resolution(key, "left", before, found, before.digest)
        if before.digest == digest:
            return Resolution(key, "narrowed", read, read.target_digest, before.target_digest)
        return Resolution(key, "followed", read, found, before.digest)

    def _published(self, key: str, wanted: Wanted) -> Resolution:
        before = self.lock.to(key)
        reference = wanted.reference
        head = self.registries.at(reference.registry).head_manifest(reference.repository, reference.tag or DEFAULT_TAG)
        if head is None:
            if before is not None and not before.published:
                return Resolution(key, "unchanged", before, before.target_digest)  # to be copied there
            raise NotFound(
                "no such image",
                key,
                remedy="publish it, check name and tag, or exclude it; a private one looks the same",
            )
        locked_at = before.target_digest if before else None
        if before is not None and locked_at == head.digest:
            return Resolution(key, "unchanged", before, head.digest, locked_at)
        if before is not None and not self._follows(key):
            return Resolution(key, "moved", before, head.digest, locked_at)
        entry = Entry("", head.digest, "", (), 0, key, Resolved(self.instant, reference.registry))
        read = self._read(entry, wanted, before)
        if read is None:
            return Resolution(key, "left", before or entry, head.digest, locked_at)
        return Resolution(key, "followed" if before else "added", read, head.digest, locked_at)

    def _digest(self, key: str, reference: Reference, before: Entry | None) -> tuple[str, str]:
        """Return the digest that a reference stands for, and who says so."""
        named = self.archives.named(reference)
        archive = self.archives.at(named.digest) if named else None
        if named and archive:
            return named.digest, archive.origin
        if before and before.resolved.source.startswith(ORIGIN) and reference.digest in (None, before.digest):
            return before.digest, before.resolved.source
        # A pin decides, wherever its tag has gone meanwhile
        name = reference.digest or reference.tag or DEFAULT_TAG
        head = self.registries.at(reference.registry).head_manifest(reference.repository, name)
        if head is None:
            raise NotFound("no such image", key, remedy="check name and tag; a private image looks the same")
        return head.digest, reference.registry

    def _read(self, entry: Entry, wanted: Wanted, before: Entry | None) -> Entry | None:
        """Return the entry with all that is read of its image, None where no pulls are left for that."""
        if self.look:
            return entry
        job = Job(wanted.reference.with_digest(None).canonical, entry.place, entry.digest)
        source = Source(job, self.registries, self.manifests, self.archives)
        alone = entry.published or entry.resolved.source.startswith(ORIGIN)
        try:
            with self._one_at_a_time(source.host):
                found = contents.read(source, wanted.platforms, alone=alone)
        except BudgetSpent:
            if self.manifests.budget.own_left != 0:
                self.manifests.budget.exhaust(source.host)
            return None
        return replace(
            entry,
            media_type=found.media_type,
            platforms=found.platforms,
            size=found.size,
            manifests=0 if entry.published else found.manifests,
            attached=found.attached,
            narrowed=found.narrowed,
        )

    def _one_at_a_time(self, host: str) -> AbstractContextManager[object]:
        """Read images one after the other where pulls are scarce: side by side they might all end half read."""
        budget = self.manifests.budget
        known = budget.allowances.get(one_host(host))
        bounds = [bound for bound in (budget.own_left, known.remaining if known else None) if bound is not None]
        return self.reading if min(bounds, default=SCARCE) < SCARCE else nullcontext()

    def _follows(self, key: str) -> bool:
        return matches(key, self.update) if isinstance(self.update, str) else self.update


def _fits(entry: Entry, platforms: tuple[str, ...]) -> bool:
    """Tell whether an entry has the platforms that a rule asks for."""
    if entry.narrowed is not None:
        return tuple(sorted(platforms)) == entry.narrowed.platforms
    return not platforms or all(contents.asked(each, platforms) for each in entry.platforms)
