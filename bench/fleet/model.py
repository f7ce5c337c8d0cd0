"""What a fleet of many clusters costs, from what one stack was measured to cost.

Waves as in `docs/fleets.md`: ten canaries, a tenth of all, the rest. A wave takes as long as its longest lane, and no
less than its processor time on the cores that its lanes share; then its soak time.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from typing import Final

CANARIES: Final = 10
SOAK: Final = 600.0
"""Seconds behind each wave."""
LOOK: Final = 10.0
"""Seconds between two looks at a wave that soaks (`hub2ghcr.fleet.soak.EVERY`)."""


@dataclass(frozen=True, slots=True)
class Measured:
    """What one stack costs.

    Attributes:
        wall: seconds of an ``up`` that has everything to do, alone on a machine.
        cpu: its seconds of processor time.
        idle: seconds of processor time of an ``up`` with nothing to do.
        preview: seconds of processor time of a preview by the engine.
        memory: mebibytes of a worker with its engine, program and providers.
        state: bytes of its state.
        history: bytes that an update adds to the backend's history and backups.
        kubernetes: requests of an ``up`` to its cluster.
        looked: requests of one look of a gate to its cluster.
        ghcr: requests of an ``up`` to GHCR.
        hub: requests of an ``up`` to Docker Hub, whose images are in GHCR.
        github: calls of an ``up`` to GitHub.
        setup: seconds until a fresh machine has the program: a clone, a virtual environment, its packages.
    """

    wall: float
    cpu: float
    idle: float
    preview: float
    memory: float
    state: int
    history: int
    kubernetes: float
    looked: float
    ghcr: float
    hub: float
    github: float
    setup: float


@dataclass(frozen=True, slots=True)
class Engine:
    """Who runs a fleet: so many stacks at once (``lanes``), on ``cores`` that they share (0: on machines of their own).

    ``jobs`` is how many fresh machines a wave has at most: 0 for none, -1 for one a stack.
    """

    name: str
    lanes: int
    cores: int = 0
    jobs: int = 0


ENGINES: Final = (
    Engine("fleet up, 2 cores", 2, 2),
    Engine("fleet up, 16 cores", 16, 16),
    Engine("operator, 32 workspaces at once", 32, 0, -1),
    Engine("GitHub Actions, 20 jobs at once", 20, 0, 85),
)


@dataclass(frozen=True, slots=True)
class Cost:
    """What one change of a whole fleet costs.

    ``seconds`` from the first canary to the last gate; ``cpu`` and ``machine``: hours of processor time, and of
    machines that are taken; ``memory``: mebibytes at once; ``state``: bytes in the backend, ``history`` what the change
    adds; requests in all; ``ghcr_minute``: to GHCR in the busiest minute.
    """

    seconds: float
    cpu: float
    machine: float
    memory: float
    state: int
    history: int
    kubernetes: float
    ghcr: float
    hub: float
    github: float
    ghcr_minute: float


def waves(clusters: int) -> tuple[int, ...]:
    """Return how many clusters are in each wave.

    >>> waves(1000)
    (10, 100, 890)
    """
    canaries = min(CANARIES, clusters)
    region = min(clusters // 10, clusters - canaries)
    return tuple(each for each in (canaries, region, clusters - canaries - region) if each)


def cost(measured: Measured, engine: Engine, clusters: int) -> Cost:
    """Return what one change of so many clusters costs with an engine."""
    sizes = waves(clusters)
    setups = sum(_machines(engine, size) for size in sizes)
    running = sum(_seconds(measured, engine, size) for size in sizes)
    looks = SOAK / LOOK + 1
    lanes = min(engine.lanes, max(sizes))
    alone = engine.cores == 0
    each = measured.wall if alone else max(measured.wall, measured.cpu * lanes / engine.cores)
    return Cost(
        seconds=running + SOAK * len(sizes),
        cpu=clusters * measured.cpu / 3600,
        machine=(clusters * measured.wall + setups * measured.setup if alone else running) / 3600,
        memory=lanes * measured.memory,
        state=clusters * measured.state,
        history=clusters * measured.history,
        kubernetes=clusters * (measured.kubernetes + looks * measured.looked),
        ghcr=clusters * measured.ghcr,
        hub=clusters * measured.hub,
        github=clusters * measured.github,
        ghcr_minute=60 * lanes * measured.ghcr / each,
    )


def _seconds(measured: Measured, engine: Engine, size: int) -> float:
    longest = ceil(size / engine.lanes) * measured.wall
    if engine.cores:
        longest = max(longest, size * measured.cpu / engine.cores)
    return longest + ceil(_machines(engine, size) / engine.lanes) * measured.setup


def _machines(engine: Engine, size: int) -> int:
    return size if engine.jobs < 0 else min(engine.jobs, size)
