"""A fleet as its file says it: clusters, and the waves in which they are changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from .gates import Gate


@dataclass(frozen=True, slots=True)
class FleetCluster:
    """One cluster: its name, the stack that changes it, labels by which waves select it.

    ``values`` are further keys of a stack file's cluster (``context``, ``server``, …), for a stack file that is written
    from the fleet's template.
    """

    name: str
    stack: str
    labels: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Wave:
    """Clusters that are changed together, ``concurrency`` at once, and what they have to look like afterwards."""

    name: str
    clusters: tuple[FleetCluster, ...]
    concurrency: int
    gate: Gate


@dataclass(frozen=True, slots=True)
class Budget:
    """How many clusters of a run may fail: a number, or a part of them (``percent``), rounded down."""

    number: int = 0
    percent: bool = False

    def of(self, clusters: int) -> int:
        """Return how many of so many clusters may fail."""
        return clusters * self.number // 100 if self.percent else self.number


@dataclass(frozen=True, slots=True)
class Fleet:
    """All waves in their order. No cluster is in two of them.

    Attributes:
        place: the file, as seen from the project's folder.
        digest: of its bytes, ``sha256:…``.
        waves: in the file's order; clusters by name.
        budget: how many clusters may fail before no further one begins.
        template: what missing stack files are written from; empty where there is none.
    """

    place: str
    digest: str
    waves: tuple[Wave, ...]
    budget: Budget = Budget()
    template: str = ""

    @property
    def clusters(self) -> tuple[FleetCluster, ...]:
        """All clusters, in the order of their waves."""
        return tuple(cluster for wave in self.waves for cluster in wave.clusters)

    @property
    def backwards(self) -> Fleet:
        """The same fleet with its last wave first: the order of a way back."""
        return replace(self, waves=self.waves[::-1])

    def only(self, names: Iterable[str]) -> Fleet:
        """Return the fleet with some of its clusters; waves that have none of them are left out."""
        wanted = frozenset(names)
        waves = (
            replace(wave, clusters=tuple(each for each in wave.clusters if each.name in wanted)) for wave in self.waves
        )
        return replace(self, waves=tuple(wave for wave in waves if wave.clusters))
