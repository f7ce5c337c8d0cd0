"""What is in use of a project's packages: what its lock files hold, and what its inventories say that clusters run."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from .. import inventory
from ..errors import InvalidReference
from ..inventory import ClusterFacts, Inventory
from ..lock import Entry, Lock
from ..reference import Reference
from ..settings import file_of, merged, partial, stacks
from .reaching import Anchor

_SECTIONS = ("images", "phase", "credentials", "registries", "mapping", "github")


@dataclass(frozen=True, slots=True)
class InUse:
    """What every stack of a project uses, and in ``notes`` what is not known."""

    entries: tuple[tuple[str, Entry], ...]
    clusters: tuple[tuple[str, ClusterFacts], ...]
    notes: tuple[str, ...]

    def of(self, repository: str) -> tuple[Anchor, ...]:
        """Return what of a repository (``ghcr.io/acme/shop``) is in use, sorted; digests count wherever they run."""
        found = {*_locked(self.entries, repository), *_running(self.clusters, repository)}
        return tuple(sorted(found))


def in_use(root: Path) -> InUse:
    """Read the lock files and inventories of all stacks of a project: a package may be run by any of them.

    Raises:
        SettingsError, LockError, InventoryError, Problems: a file that cannot be read; what it keeps is not known.
    """
    locks: dict[str, Lock] = {}
    clusters: list[tuple[str, ClusterFacts]] = []
    notes = []
    for stack in stacks(root):
        place = file_of(stack, root)
        path = partial(place, root, _SECTIONS).images.lock
        if path not in locks:
            locks[path] = Lock.load(root / path, path)
        file = inventory.file_of(stack)
        facts = inventory.load(root / file, file) if (root / file).exists() else None
        clusters += [(stack, each) for each in (facts or Inventory()).clusters]
        if facts is None and merged(stack, root).get("clusters"):
            notes.append(
                f"stack {stack} has no inventory, so what its Pods run is not known: hub2ghcr inventory -s {stack}"
            )
    entries = tuple((path, entry) for path, lock in sorted(locks.items()) for entry in lock.entries)
    return InUse(entries, tuple(clusters), tuple(notes))


def _locked(entries: tuple[tuple[str, Entry], ...], repository: str) -> Iterator[Anchor]:
    for path, entry in entries:
        if Reference.parse(entry.target).name != repository:
            continue
        reason = f"locked in {path}"
        for digest in (entry.digest, entry.target_digest, *(each.digest for each in entry.attached)):
            yield Anchor(reason, digest)
        if tag := Reference.parse(entry.target).tag:
            yield Anchor(reason, tag=tag)


def _running(clusters: tuple[tuple[str, ClusterFacts], ...], repository: str) -> Iterator[Anchor]:
    for _, cluster in clusters:
        for namespace in cluster.namespaces:
            for workload in namespace.workloads:
                reason = f"{workload.kind} {cluster.name}/{namespace.name}/{workload.name}"
                for running in workload.running:
                    if running.digest:
                        yield Anchor(f"run by {reason}", running.digest)
                    yield from _named(running.image, repository, f"run by {reason}")
                for image in workload.images:
                    yield from _named(image.image, repository, f"named by {reason}")


def _named(image: str, repository: str, reason: str) -> Iterator[Anchor]:
    try:
        reference = Reference.parse(image)
    except InvalidReference:
        return
    if reference.name == repository:
        yield Anchor(reason, reference.digest or "", "" if reference.digest else reference.tag or "latest")
