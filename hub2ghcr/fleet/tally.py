"""How far a run is, and how long it will take: from the clusters that are done so far."""

from __future__ import annotations

import math
from collections.abc import Sequence

from .itinerary import Leg
from .progress import ClusterBegun, ClusterEnded, GateBegun, GateEnded, GateLooked, Progress, RunBegun, WaveBegun


class Tally:
    """Counts, as a run tells of itself.

    ``running`` are the clusters whose turn it is, with the second in which it began; ``ended`` those whose turn is
    over, with how that ended.
    """

    def __init__(self) -> None:
        self.running: dict[str, float] = {}
        self.ended: dict[str, str] = {}
        self.wave = ""
        self.total = 0
        self._legs: Sequence[Leg] = ()
        self._seconds = 0.0
        self._gate: float | None = None

    def __call__(self, progress: Progress, now: float) -> None:
        """Take note; ``now`` in seconds of a clock that only goes on."""
        match progress:
            case RunBegun(intent):
                self._legs, self.total = intent.legs, intent.turns
            case WaveBegun(wave):
                self.wave, self._gate = wave, None
            case ClusterBegun(cluster):
                self.running[cluster] = now
            case ClusterEnded(cluster, ending=ending, seconds=seconds):
                self.running.pop(cluster, None)
                self.ended[cluster] = ending
                self._seconds += seconds
            case GateBegun(gate=gate):
                self._gate = now + gate.soak
            case GateLooked(left=left):
                self._gate = now + left
            case GateEnded():
                self._gate = None

    @property
    def done(self) -> int:
        """How many clusters are done."""
        return sum(ending == "done" for ending in self.ended.values())

    @property
    def failed(self) -> int:
        """How many have failed."""
        return len(self.ended) - self.done

    def left(self, now: float) -> float | None:
        """Return the seconds that are left if all goes on as it did; None before the first cluster has ended."""
        if not self.ended:
            return None
        each = self._seconds / len(self.ended)
        names = [leg.wave for leg in self._legs]
        here = names.index(self.wave)
        soaking = max(self._gate - now, 0.0) if self._gate is not None else None
        return sum(
            self._wave(leg, each, now) + (leg.gate.soak if leg.gate else 0.0)
            if number > here or soaking is None
            else soaking
            for number, leg in enumerate(self._legs)
            if number >= here
        )

    def _wave(self, leg: Leg, each: float, now: float) -> float:
        """Return how long the turns of a wave take from now on, if each takes so long."""
        waiting = sum(name not in self.ended and name not in self.running for name in leg.turns)
        begun = [since for name, since in self.running.items() if name in leg.turns]
        rest = max((max(each - (now - since), 0.0) for since in begun), default=0.0)
        return rest + each * math.ceil(waiting / leg.concurrency)
