"""All of a recovery, in its order: nobody holds the lock; what was begun is settled; the state says what is there."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from ..cluster import Cluster
from ..engine import DEFAULT, RunOptions, Said, State, Step, options
from ..errors import ClusterError, EngineError
from ..owning import own_manager
from ..plan import Plan
from .locks import Lock
from .looking import Looking, declared
from .machine import Machine
from .objects import Missing, missing
from .settling import Settled, settle

PATIENCE: Final = 10.0
"""Seconds in which what a killed engine had started may end in order."""


class Running(Protocol):
    """The stack's engine: `engine.Run`, or what stands for it in a test."""

    def state(self) -> State:
        """Return the state."""

    def adopt(self, created: Mapping[str, str]) -> None:
        """Take what was created into the state: the id of each, by URN."""

    def refresh(self, options: RunOptions, told: Callable[[Step | Said], object]) -> None:
        """Read reality into the state."""

    def unlock(self) -> None:
        """Take every lock off."""


@dataclass(frozen=True, slots=True)
class Recovered:
    """What was done: the locks taken off, each pending operation, and what the state still does not know.

    ``phase`` is the one of the last run that reached its end; before the first, the one that changes nothing.
    ``unseen`` is what the credential of a cluster may not list, a line each: there nobody looked for what lacks.
    """

    locks: tuple[Lock, ...]
    settled: tuple[Settled, ...]
    missing: Missing
    phase: str
    unseen: tuple[str, ...] = ()


def release(locks: Sequence[Lock], machine: Machine) -> None:
    """Take off locks whose processes are dead, each by itself: one that a new run takes meanwhile stays.

    Raises:
        EngineError: a run is on.
        Unknown: a lock of another machine.
    """
    alive = [each for each in locks if not each.dead(machine)]
    if alive:
        remedy = f"wait for it, or end it: kill -INT {alive[0].pid}"
        raise EngineError(f"a run is on ({alive[0]})", "the stack's lock", remedy=remedy)
    for each in locks:
        _end(each, machine)
        for path in (each.path, each.path.with_name(f"{each.path.name}.attrs")):
            path.unlink(missing_ok=True)


def _end(lock: Lock, machine: Machine) -> None:
    """End what a dead engine had started, so that nothing writes to a cluster any more while it is looked at.

    Its processes are told by their session, which ``hub2ghcr up`` gives to each engine. The kernel gives that number to
    no other process as long as one is left in the session: where another process has it, nothing of the engine lives.
    """
    if machine.started(lock.pid) is not None:
        return
    end = time.monotonic() + PATIENCE
    while left := machine.of_session(lock.pid):
        for pid in left:
            machine.end(pid, signal.SIGTERM if time.monotonic() < end else signal.SIGKILL)
        time.sleep(0.2)


def recover(
    run: Running,
    plan: Plan,
    clusters: Mapping[str, Cluster],
    locks: Sequence[Lock] | None,
    told: Callable[[Step | Said], object],
    *,
    machine: Machine,
) -> Recovered:
    """Bring a stack back to where the next run can begin. Whatever it does can be done again.

    Args:
        run: the stack's engine.
        plan: of the stack, as its files say now.
        clusters: all of the plan's, by name.
        locks: the stack's; None where nobody can say, but was told that they are dead.
        told: hears what the engine does.
        machine: this one.

    Raises:
        EngineError: a run is on, or the engine fails.
        Unknown: a lock of which nobody here can say whether its process is dead.
        ClusterError: a cluster cannot be asked; pending operations stay pending then.
    """
    if locks is None:
        run.unlock()
    else:
        release(locks, machine)
    manager = own_manager(plan.stack)

    def live(cluster: str, api_version: str, kind: str, namespace: str, name: str) -> tuple[str, ...] | None:
        if cluster not in clusters:
            remedy = "put it back into the settings until this is done"
            raise ClusterError(
                "a killed run was at work in a cluster that the settings do not name", cluster, "", remedy
            )
        found = clusters[cluster].live(api_version, kind, namespace, name)
        return None if found is None else found.managers

    settled = tuple(settle(each, live, manager) for each in run.state().operations)
    if adopted := {each.operation.resource.urn: each.id for each in settled if each.action == "adopt"}:
        run.adopt(adopted)
    run.refresh(options(plan), told)
    looking = [Looking(name, cluster, plan, manager) for name, cluster in sorted(clusters.items())]
    found = [each for cluster in looking for each in cluster.owned()]
    unseen = tuple(line for cluster in looking for line in cluster.unseen)
    state = run.state()
    return Recovered(tuple(locks or ()), settled, missing(found, state, declared(plan)), state.phase or DEFAULT, unseen)
