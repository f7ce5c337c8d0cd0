"""What an image was called before we moved it.

A workload that was switched runs on GHCR, and a plan still has to know where it came from: else it could not go back.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from ..errors import InvalidReference
from ..lock import Entry, Lock, source_of
from ..mapping import at_home
from ..owning import MANAGER
from ..reference import Reference
from .facts import Inventory


@dataclass(frozen=True)
class Spelling:
    """The lock, the inventory before this one, and the further names of registries (`hub2ghcr.settings.Settings`)."""

    lock: Lock = field(default_factory=Lock)
    before: Inventory = field(default_factory=Inventory)
    aliases: Mapping[str, str] = field(default_factory=dict)

    def of(self, image: str, managers: tuple[str, ...], place: tuple[str, ...]) -> str:
        """Return how an image was spelled before we moved it; itself where it is not ours.

        Args:
            image: as the object names it now.
            managers: of the field.
            place: cluster, namespace, kind, name and field.
        """
        if not any(each == MANAGER or each.startswith(f"{MANAGER}-") for each in managers):
            return image
        sources = self._sources(image)
        before = self._before.get(place, "")
        if before and self._source(before) in sources:
            return before
        return sources[0] if sources else image

    def _sources(self, image: str) -> tuple[str, ...]:
        """Return the sources of the entries that an image of ours may stand for, sorted."""
        try:
            found = at_home(Reference.parse(image), self.aliases)
        except InvalidReference:
            return ()
        names = [f"{found.name}:{found.tag}"] if found.tag else []
        names += [f"{found.name}@{found.digest}"] if found.digest else []
        return next((self._targets[each] for each in names if each in self._targets), ())

    def _source(self, image: str) -> str:
        try:
            return source_of(at_home(Reference.parse(image), self.aliases))
        except InvalidReference:
            return ""

    @cached_property
    def _targets(self) -> Mapping[str, tuple[str, ...]]:
        """Targets by tag and by digest -> their sources; many tags may share a digest."""
        found: dict[str, list[str]] = {}
        for entry in self.lock.entries:
            for name in _names(entry) if entry.source else ():
                found.setdefault(name, []).append(entry.source)
        return {name: tuple(sorted(sources)) for name, sources in found.items()}

    @cached_property
    def _before(self) -> Mapping[tuple[str, ...], str]:
        return {
            (cluster.name, namespace.name, workload.kind, workload.name, image.field): image.image
            for cluster in self.before.clusters
            for namespace in cluster.namespaces
            for workload in namespace.workloads
            for image in workload.images
        }


def _names(entry: Entry) -> set[str]:
    target = Reference.parse(entry.target)
    return {entry.place, f"{target.name}@{entry.target_digest}"}
