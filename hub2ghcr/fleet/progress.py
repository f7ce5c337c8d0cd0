"""What a run of a fleet tells while it goes on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ..engine import Said, Step
from .gates import Gate, Health
from .history import Ending, RunEnding
from .intents import Intent
from .turn import Planned


@dataclass(frozen=True, slots=True)
class RunBegun:
    """A run begins, and this is what it is going to do."""

    intent: Intent


@dataclass(frozen=True, slots=True)
class WaveBegun:
    """A wave begins: its clusters, of which so many are changed at once."""

    wave: str
    clusters: tuple[str, ...]
    concurrency: int


@dataclass(frozen=True, slots=True)
class ClusterBegun:
    """A cluster's turn begins; ``before`` is the phase that applied until then."""

    cluster: str
    wave: str
    before: str


@dataclass(frozen=True, slots=True)
class ClusterSaid:
    """What the plan, or the engine, tells of a cluster under way."""

    cluster: str
    what: Planned | Step | Said


@dataclass(frozen=True, slots=True)
class ClusterEnded:
    """A cluster's turn has ended, so and after so many seconds."""

    cluster: str
    wave: str
    ending: Ending
    after: str
    problems: tuple[str, ...]
    seconds: float


@dataclass(frozen=True, slots=True)
class GateBegun:
    """The clusters of a wave are looked at from now on."""

    wave: str
    gate: Gate
    clusters: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class GateLooked:
    """One look: the seconds that are left, and how each cluster is."""

    wave: str
    left: float
    health: Mapping[str, Health]


@dataclass(frozen=True, slots=True)
class GateEnded:
    """The gate let through all clusters but the failed ones; reasons by cluster."""

    wave: str
    failed: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class RunEnded:
    """How the run ended; ``waiting`` are the clusters whose turn did not come."""

    ending: RunEnding
    failed: tuple[str, ...]
    waiting: tuple[str, ...]


Progress = (
    RunBegun | WaveBegun | ClusterBegun | ClusterSaid | ClusterEnded | GateBegun | GateLooked | GateEnded | RunEnded
)
