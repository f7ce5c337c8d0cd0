"""What a fleet's ledger tells: its runs, oldest first, and in each what became of which cluster and gate."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

Command = Literal["up", "rollback"]
"""What a run does. ``resume`` goes on with one of them, as a run of the same command."""

Ending = Literal["", "done", "failed", "rolled back", "stranded", "killed"]
"""How a cluster's turn ended: the endings of `hub2ghcr.engine.Ending`; ``killed`` where the engine, or the process
that had it run, was, and what that left is not recovered; empty while it has not ended, or nobody was there any more to
write it down."""

RunEnding = Literal["", "done", "incomplete", "halted", "interrupted"]
"""How a run ended: every cluster done; every wave went through, and some clusters failed within the budget; more failed
than the budget allows, and what had not begun did not begin; a person ended it; empty as `Ending`."""


@dataclass(frozen=True, slots=True)
class ClusterOutcome:
    """One cluster's turn in a run.

    Attributes:
        cluster: its name.
        wave: the name of its wave.
        stack: its stack.
        before: the phase that applied when it began.
        begun: when.
        ended: None while it has not.
        ending: how.
        after: the phase that its stack file says since.
        problems: one line each.
    """

    cluster: str
    wave: str
    stack: str
    before: str
    begun: datetime
    ended: datetime | None = None
    ending: Ending = ""
    after: str = ""
    problems: tuple[str, ...] = ()

    @property
    def seconds(self) -> float:
        """How long it took; 0 while it has not ended."""
        return (self.ended - self.begun).total_seconds() if self.ended else 0.0


@dataclass(frozen=True, slots=True)
class GateOutcome:
    """The gate behind a wave: the clusters that it looked at; ``failed`` those that it did not let through, and why."""

    wave: str
    begun: datetime
    ended: datetime | None = None
    failed: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    clusters: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FleetRun:
    """One run.

    Attributes:
        id: sorts by time.
        command: what it did.
        of: the run that it goes on with, or takes back; its own id where it began something.
        phase: the phase that was wanted; empty: as each stack file said, or for a way back, where each came from.
        commit: of the checkout, empty where there was none; ``dirty`` where files differed from it.
        fleet: the digest of ``stacks/fleet.yaml``.
        pid: of its process, on ``host``.
        budget: how many clusters might fail.
        waves: names of the clusters that it was about, by wave, in its order.
        clusters: their turns, in the order in which they began.
        gates: in their order.
    """

    id: str
    command: Command
    of: str
    phase: str
    commit: str
    dirty: bool
    fleet: str
    pid: int
    host: str
    budget: int
    waves: Mapping[str, tuple[str, ...]]
    begun: datetime
    ended: datetime | None = None
    ending: RunEnding = ""
    clusters: tuple[ClusterOutcome, ...] = ()
    gates: tuple[GateOutcome, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """The clusters that it was about, in the order of their waves."""
        return tuple(name for names in self.waves.values() for name in names)

    @property
    def failed(self) -> frozenset[str]:
        """The clusters that failed, or that a gate did not let through."""
        turns = {each.cluster for each in self.clusters if each.ending not in ("", "done")}
        return frozenset(turns | {name for gate in self.gates for name in gate.failed})


@dataclass(frozen=True, slots=True)
class History:
    """All runs, oldest first."""

    runs: tuple[FleetRun, ...] = ()

    @property
    def last(self) -> FleetRun | None:
        """The last run."""
        return self.runs[-1] if self.runs else None

    @property
    def campaign(self) -> tuple[FleetRun, ...]:
        """The last run that began something, and all that went on with it or took it back; empty before the first."""
        return tuple(each for each in self.runs if each.of == self.runs[-1].of) if self.runs else ()
