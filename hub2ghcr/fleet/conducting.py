"""A run of a fleet: one leg after the other, every step of it written down before the next."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from ..errors import Hub2GhcrError
from .channel import Result
from .commit import commit
from .gates import Gate, Health
from .history import RunEnding
from .intents import Intent
from .itinerary import Leg
from .ledger import Ledger
from .pool import Died, Pool, Work
from .progress import (
    ClusterBegun,
    ClusterEnded,
    ClusterSaid,
    GateBegun,
    GateEnded,
    GateLooked,
    Progress,
    RunBegun,
    RunEnded,
    WaveBegun,
)
from .soak import watch
from .stop import Stop
from .turn import Begun, Ended, take

Watch = Callable[..., Mapping[str, tuple[str, ...]]]


class Conductor:
    """One run.

    Args:
        root: the project's folder.
        ledger: open, and nobody's else.
        told: hears what goes on.
        work: what is done with a cluster.
        watch: what looks at clusters after a wave.
    """

    def __init__(
        self,
        root: Path,
        ledger: Ledger,
        told: Callable[[Progress], object],
        *,
        work: Work = take,
        watch: Watch = watch,
    ) -> None:
        self._root, self._ledger, self._told, self._watch = root, ledger, told, watch
        self._budget: int | None = None
        self._pool = Pool(work, ledger.fileno())
        self._failed: dict[str, None] = {}
        self._done: set[str] = set()
        self._begun: dict[str, float] = {}
        self._over = Stop()

    def interrupt(self) -> None:
        """Have the run end in order, a second time at once. For signal handlers, too."""
        self._over.set()
        self._pool.interrupt()

    @property
    def interrupted(self) -> bool:
        """Whether the run is to end."""
        return self._over.is_set()

    def run(self, intent: Intent, fleet: str) -> RunEnding:
        """Do what is intended, and return how that ended; ``fleet`` is the digest of the fleet's file."""
        self._budget, legs = intent.budget, intent.legs
        head, dirty = commit(self._root)
        budget = intent.turns if intent.budget is None else intent.budget
        self._ledger.run_begun(
            intent.command, intent.of, intent.phase, fleet, budget, intent.waves, commit=head, dirty=dirty
        )
        self._told(RunBegun(intent))
        with self._pool:
            for leg in legs:
                if self._stopped:
                    break
                self._turns(leg)
                if leg.gate and not self._stopped:
                    self._gate(leg, leg.gate)
        ending = self._ending()
        self._ledger.run_ended(ending)
        names = [name for leg in legs for name in leg.turns]
        waiting = tuple(name for name in names if name not in self._done and name not in self._failed)
        self._told(RunEnded(ending, tuple(self._failed), waiting))
        return ending

    @property
    def _spent(self) -> bool:
        return self._budget is not None and len(self._failed) > self._budget

    @property
    def _stopped(self) -> bool:
        return self.interrupted or self._spent

    def _ending(self) -> RunEnding:
        if self.interrupted:
            return "interrupted"
        if self._spent:
            return "halted"
        return "incomplete" if self._failed else "done"

    def _turns(self, leg: Leg) -> None:
        self._told(WaveBegun(leg.wave, tuple(leg.turns), leg.concurrency))
        for name, said in self._pool.run(leg.turns.items(), leg.concurrency):
            match said:
                case Begun():
                    self._begin(leg, name, said.before)
                    self._pool.answer(name)
                case Result(Ended() as ended):
                    self._end(leg, name, ended)
                case Died():
                    remedy = "`hub2ghcr fleet resume` recovers it"
                    self._end(leg, name, Ended("killed", "", (f"its process ended ({said.how}); {remedy}",)))
                case _:
                    self._told(ClusterSaid(name, said))  # type: ignore[arg-type]

    def _begin(self, leg: Leg, name: str, before: str) -> None:
        self._begun[name] = time.monotonic()
        self._ledger.cluster_begun(name, leg.wave, leg.turns[name].stack, before)
        self._told(ClusterBegun(name, leg.wave, before))

    def _end(self, leg: Leg, name: str, ended: Ended) -> None:
        if name not in self._begun:  # it failed before anything could be known of it
            self._begin(leg, name, "")
        self._ledger.cluster_ended(name, ended.ending, ended.after, ended.problems)
        if ended.ending == "done":
            self._done.add(name)
        else:
            self._failed[name] = None
        if self._spent:
            self._pool.stop()
        seconds = time.monotonic() - self._begun[name]
        self._told(ClusterEnded(name, leg.wave, ended.ending, ended.after, ended.problems, seconds))

    def _gate(self, leg: Leg, gate: Gate) -> None:
        names = tuple(name for name in leg.stacks if name not in self._failed)
        if not names:
            return
        self._ledger.gate_begun(leg.wave, names)
        self._told(GateBegun(leg.wave, gate, names))
        failed = self._watched(leg, gate, names)
        if self.interrupted:
            return  # nobody knows what it would have said in the end: the next run asks again
        self._failed |= dict.fromkeys(failed)
        self._ledger.gate_ended(leg.wave, failed)
        self._told(GateEnded(leg.wave, failed))

    def _watched(self, leg: Leg, gate: Gate, names: Sequence[str]) -> dict[str, tuple[str, ...]]:
        stacks = {leg.stacks[name]: name for name in names}

        def looked(left: float, health: Mapping[str, Health]) -> None:
            self._told(GateLooked(leg.wave, left, {stacks[stack]: each for stack, each in health.items()}))

        left = len(names) if self._budget is None else self._budget - len(self._failed)
        try:
            found = self._watch(stacks, self._root, gate, os.environ, budget=left, told=looked, over=self._over)
        except Hub2GhcrError as error:  # what nobody can look at is not let through
            return {name: error.lines for name in names}
        return {stacks[stack]: lines for stack, lines in found.items()}
