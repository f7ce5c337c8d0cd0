"""What a report says of a fleet."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from ..fleet.standing import State as Stands
from ..pages import Span, State
from .nouns import ImageFacts, Level, NotLooked, Pulls, RegistryProgress, Report, Why

GateState = Literal["none", "not reached", "under way", "passed", "failed"]

STANDS: Final[dict[Stands, tuple[State, str]]] = {
    "failed": ("bad", "failed"),
    "begun": ("warn", "began, and did not end"),
    "waiting": ("quiet", "waits"),
    "back": ("quiet", "back where it came from"),
    "done": ("good", "done"),
}
"""How a cluster stands, by look and in words; those first that somebody has to see to."""

GATES: Final[dict[GateState, State]] = {
    "none": "quiet",
    "not reached": "quiet",
    "under way": "quiet",
    "passed": "good",
    "failed": "bad",
}


@dataclass(frozen=True, slots=True)
class Member:
    """One cluster of a fleet.

    Attributes:
        cluster: its name.
        wave: its wave's.
        stack: its stack's; empty where its turn has not come and no fleet file was read.
        stands: by the ledger; None where no run was about it.
        seconds: how long its last turn took.
        problems: of that turn, or of the gate behind it.
        report: of its stack; None where that was not read.
        why: why the stack cannot be planned, a line each.
    """

    cluster: str
    wave: str
    stack: str
    stands: Stands | None = None
    seconds: float = 0.0
    problems: tuple[str, ...] = ()
    report: Report | None = None
    why: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class WaveProgress:
    """One wave: how many clusters it has, how many are done or failed, and what its gate said.

    ``problems`` has the lines of the gate, by cluster.
    """

    name: str
    clusters: int
    done: int
    failed: int
    gate: GateState
    problems: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class FleetRisk:
    """A risk that one or many places have, see `hub2ghcr.report.nouns.Risk`."""

    level: Level
    text: str
    remedy: str
    where: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FleetOnHub:
    """An image that one or many namespaces still have on Docker Hub; ``pods`` of those that were looked at."""

    image: str
    why: Why
    reason: str
    where: tuple[str, ...]
    pods: int | None


@dataclass(frozen=True, slots=True)
class RunLine:
    """One run of the ledger, in words."""

    id: str
    command: str
    phase: str
    commit: str
    begun: datetime
    ended: datetime | None
    ending: str
    clusters: int
    failed: int


@dataclass(frozen=True, slots=True)
class FleetReport:
    """A fleet.

    Attributes:
        at: when it was looked at.
        members: in the order of their waves.
        waves: in their order.
        runs: the last one that began something, and what went on with it or took it back.
        happened: the turns and gates of these runs, by time.
        images: of all stacks, each once.
        registries: what comes from where, each image once.
        pulls: what copying still takes, each image once.
        on_hub: those first that somebody has to do something about.
        risks: those that matter most first, then those that most places have.
        not_looked: what is not known, with the stack's name before it.
    """

    at: datetime
    members: tuple[Member, ...] = ()
    waves: tuple[WaveProgress, ...] = ()
    runs: tuple[RunLine, ...] = ()
    happened: tuple[Span, ...] = ()
    images: tuple[ImageFacts, ...] = ()
    registries: tuple[RegistryProgress, ...] = ()
    pulls: Pulls | None = None
    on_hub: tuple[FleetOnHub, ...] = ()
    risks: tuple[FleetRisk, ...] = ()
    not_looked: tuple[NotLooked, ...] = ()

    @property
    def read(self) -> bool:
        """Whether stacks were read, and not the ledger alone."""
        return any(each.report or each.why for each in self.members)
