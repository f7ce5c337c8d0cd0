"""What every cluster of a fleet would do, without engine, cluster or credentials."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from .. import plan
from ..errors import Hub2GhcrError
from ..lock import Lock
from ..plan import Plan
from ..settings import load
from ..survey import survey
from ..worker import processors
from .channel import Channel, Result
from .nouns import Fleet
from .pool import Died, Pool


@dataclass(frozen=True, slots=True)
class Wanted:
    """A stack to be planned; in a phase, or without one as its file says."""

    stack: str
    root: Path
    phase: str | None = None


@dataclass(frozen=True, slots=True)
class ClusterPlan:
    """What one cluster would do.

    Attributes:
        phase: as its stack file says.
        after: the phase that it was planned in.
        images: targets and digests that its copies are about.
        namespaces: how many.
        workloads: how many have images that move.
        switched: how many of these run on GHCR in that phase.
        problems: why there is no plan, one line each.
    """

    phase: str = ""
    after: str = ""
    images: tuple[tuple[str, str], ...] = ()
    namespaces: int = 0
    workloads: int = 0
    switched: int = 0
    problems: tuple[str, ...] = ()


def planned(
    fleet: Fleet, root: Path, phase: str | None, told: Callable[[int, int], object] = lambda *_: None
) -> dict[str, ClusterPlan]:
    """Return the plan of each cluster by name, in the order of the waves; many are made at once.

    Args:
        fleet: which clusters.
        root: the project's folder.
        phase: the phase that they would be brought to; None: as each stack file says.
        told: hears how many are done, and of how many.
    """
    jobs = [(each.name, Wanted(each.stack, root, phase)) for each in fleet.clusters]
    found: dict[str, ClusterPlan] = {}
    with Pool(make) as pool:
        for name, said in pool.run(jobs, processors()):
            match said:
                case Result(ClusterPlan() as made):
                    found[name] = made
                case Died(how):
                    found[name] = ClusterPlan(problems=(f"its process ended ({how})",))
            told(len(found), len(jobs))
    return {name: found[name] for name, _ in jobs}


def make(wanted: Wanted, _: Channel) -> ClusterPlan:
    """Plan one cluster."""
    try:
        settings = load(wanted.stack, wanted.root)
        lock = Lock.load(wanted.root / settings.images.lock, settings.images.lock)
        then = settings.model_copy(update={"phase": wanted.phase or settings.phase})
        made = plan.of_survey(then, lock, survey(then, wanted.root))
    except Hub2GhcrError as error:
        return ClusterPlan(problems=error.lines)
    workloads = [*_workloads(made)]
    return ClusterPlan(
        settings.phase,
        then.phase,
        tuple((each.target, each.digest) for each in made.copies),
        sum(len(cluster.namespaces) for cluster in made.clusters),
        len(workloads),
        sum(workloads),
    )


def _workloads(made: Plan) -> Iterator[bool]:
    """Yield of each workload whether it is switched."""
    for cluster in made.clusters:
        for namespace in cluster.namespaces:
            yield from (each.switched for each in namespace.workloads)
