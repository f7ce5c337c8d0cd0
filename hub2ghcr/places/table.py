"""Where images live, as data: one row a kind. A kind more is a row more, here or in ``hub2ghcr:places``."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cached_property
from typing import Final

from .rows import CUSTOM, FILES, WORKLOADS, Place

POD_IMAGES: Final = (
    "initContainers[*].image",
    "containers[*].image",
    "ephemeralContainers[*].image",
    "volumes[*].image.reference",
)
"""The images of a pod spec (Kubernetes API reference, PodSpec)."""

CONTAINER_LISTS: Final = ("initContainers", "containers", "ephemeralContainers")
"""The lists of containers of a pod spec, in the order in which they start."""


@dataclass(frozen=True)
class Places:
    """Rows by group and kind. Several rows may speak of one kind: all of them hold."""

    rows: tuple[Place, ...]

    @cached_property
    def _exact(self) -> dict[tuple[str, str], tuple[Place, ...]]:
        exact: dict[tuple[str, str], tuple[Place, ...]] = {}
        for row in self.rows:
            if not row.wild:
                exact[row.group, row.kind] = (*exact.get((row.group, row.kind), ()), row)
        return exact

    @cached_property
    def _wild(self) -> tuple[Place, ...]:
        return tuple(row for row in self.rows if row.wild)

    def of(self, group: str, kind: str, name: str) -> tuple[Place, ...]:
        """Return the rows that hold for an object."""
        rows = self._exact.get((group, kind), ())
        if self._wild:
            rows += tuple(r for r in self._wild if fnmatchcase(group, r.group) and fnmatchcase(kind, r.kind))
        return tuple(row for row in rows if row.name == "*" or fnmatchcase(name, row.name))

    def with_(self, extra: Places | None) -> Places:
        """Return these rows and others."""
        return Places(self.rows + extra.rows) if extra and extra.rows else self


BUILT_IN: Final = Places(WORKLOADS + CUSTOM)
"""Kubernetes' own kinds and well-known custom resources."""

FORMATS: Final = Places(FILES)
"""Files that are no Kubernetes objects, by the name of their format (`hub2ghcr.places.formats`)."""
