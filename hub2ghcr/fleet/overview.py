"""Where each cluster of a fleet stands: by the ledger, its stack file, and the engine's state."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from .. import settings
from ..engine import DEFAULT, Run
from ..errors import Hub2GhcrError
from .history import History
from .nouns import Fleet, FleetCluster
from .standing import Standing, standings

JOBS: Final = 4
"""Engines asked at the same time."""


@dataclass(frozen=True, slots=True)
class Overview:
    """One cluster.

    Attributes:
        cluster: its name.
        wave: its wave's.
        stack: its stack's.
        phase: as the stack file says; empty where it says nothing that can be read.
        applied: the phase of the engine's last run that reached its end; empty where the engine was not asked.
        standing: what the ledger tells; None where it tells nothing.
        problems: of its last turn, and of what could not be read now, a line each.
    """

    cluster: str
    wave: str
    stack: str
    phase: str
    applied: str
    standing: Standing | None
    problems: tuple[str, ...]


def overview(
    fleet: Fleet,
    root: Path,
    history: History,
    told: Callable[[int, int], object] = lambda *_: None,
    *,
    applied: Callable[[str, Path], str] | None = None,
) -> tuple[Overview, ...]:
    """Return where every cluster stands, in the order of the waves.

    Args:
        fleet: which clusters.
        root: the project's folder.
        history: what the ledger tells.
        told: hears how many engines were asked, and of how many.
        applied: gives the phase that an engine has applied (`applied`); None: none is asked.
    """
    found = standings(history.campaign)
    clusters = [(wave.name, each) for wave in fleet.waves for each in wave.clusters]
    asked = _asked([each for _, each in clusters], root, told, applied) if applied else {}
    return tuple(_one(wave, each, root, found.get(each.name), asked) for wave, each in clusters)


def applied(stack: str, root: Path) -> str:
    """Return the phase that the engine's state says.

    Raises:
        EngineError: the engine does not give it.
    """
    return Run(stack, root).state().phase or DEFAULT


Answer = str | tuple[str, ...]
"""A phase, or why there is none."""


def _asked(
    clusters: Iterable[FleetCluster],
    root: Path,
    told: Callable[[int, int], object],
    applied: Callable[[str, Path], str],
) -> dict[str, Answer]:
    wanted = list(clusters)

    def one(cluster: FleetCluster) -> Answer:
        try:
            return applied(cluster.stack, root)
        except Hub2GhcrError as error:
            return error.lines

    found: dict[str, Answer] = {}
    with ThreadPoolExecutor(JOBS) as pool:
        for cluster, answer in zip(wanted, pool.map(one, wanted), strict=True):
            found[cluster.name] = answer
            told(len(found), len(wanted))
    return found


def _one(
    wave: str, cluster: FleetCluster, root: Path, standing: Standing | None, asked: Mapping[str, Answer]
) -> Overview:
    problems = list(standing.problems if standing else ())
    answer = asked.get(cluster.name, "")
    try:
        phase: str = settings.load(cluster.stack, root).phase
    except Hub2GhcrError as error:
        phase = ""
        problems += error.lines
    if not isinstance(answer, str):
        problems += answer
        answer = ""
    return Overview(cluster.name, wave, cluster.stack, phase, answer, standing, tuple(_once(problems)))


def _once(lines: Iterable[str]) -> Iterator[str]:
    yield from dict.fromkeys(lines)
