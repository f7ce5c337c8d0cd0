"""What a report says of one stack. All parts are sorted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Literal

from ..allowance import Allowance
from ..pages import Span
from ..plan import Phase
from ..status import Part

Level = Literal["high", "medium", "low"]
"""How much a risk matters: something is not as it should be; may become so, or is to be decided; is good to know."""

Why = Literal["behind", "undecided", "unknown", "phase", "stays"]
"""Why an image is still on Docker Hub.

- ``behind``: it should have been switched, and Pods still run it.
- ``undecided``: no rule of the mapping names it, and no exclusion.
- ``unknown``: Pods run it, and no manifest or inventory of the stack has it.
- ``phase``: it moves at the cutover.
- ``stays``: the settings leave it there, for a reason of their author's.
"""

WHYS: Final[Mapping[Why, str]] = {
    "behind": "not switched yet",
    "undecided": "undecided",
    "unknown": "unknown to the stack",
    "phase": "moves at cutover",
    "stays": "stays",
}
"""In words, those first that somebody has to do something about."""


@dataclass(frozen=True, slots=True, order=True)
class NotLooked:
    """Something that the report knows from files alone, or not at all, and why."""

    what: str
    why: str


WAY: Final = ("copied", "granted", "switched", "running")
"""The parts of a `Way` by name."""


@dataclass(frozen=True, slots=True)
class Way:
    """How far something is on the way of a namespace, see `hub2ghcr.status.Status`."""

    copied: Part
    granted: Part
    switched: Part
    running: Part

    def __add__(self, other: Way) -> Way:
        return Way(
            *(
                Part(mine.done + theirs.done, mine.of + theirs.of)
                for mine, theirs in zip(self.parts, other.parts, strict=True)
            )
        )

    @property
    def parts(self) -> tuple[Part, ...]:
        """The parts in their order, that of `WAY`."""
        return self.copied, self.granted, self.switched, self.running

    @property
    def done(self) -> bool:
        """Whether all that moves runs from its new place."""
        return self.running.done == self.running.of


@dataclass(frozen=True, slots=True)
class NamespaceProgress:
    """One namespace.

    Attributes:
        cluster: its cluster's name.
        name: its own.
        phase: the one that applies to it.
        images: how many it pulls from GHCR, whatever the phase.
        workloads: how many of its workloads move.
        on_hub: how many of its images are on Docker Hub.
        guard: what the guard does here: as it is, or as the plan has it where nobody looked.
        way: how far it is; None where nobody looked.
        problems: what is not as its phase says.
    """

    cluster: str
    name: str
    phase: Phase
    images: int
    workloads: int
    on_hub: int
    guard: str
    way: Way | None = None
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ClusterProgress:
    """All namespaces of a cluster: how many there are in each phase, and the sums of the rest.

    ``way`` is None where nobody looked.
    """

    name: str
    phases: Mapping[Phase, int]
    workloads: int
    on_hub: int
    problems: int
    way: Way | None = None

    @property
    def namespaces(self) -> int:
        """How many there are."""
        return sum(self.phases.values())


@dataclass(frozen=True, slots=True)
class RegistryProgress:
    """What comes from one registry to another. ``there``: images that are at their targets, None where nobody looked.

    ``source`` is empty for images that were published at their targets. ``size`` is that of all, ``left`` of those
    that are not known to be there, in bytes and at most: blobs that images share are sent once.
    """

    source: str
    target: str
    images: int
    size: int
    left: int
    there: int | None = None


@dataclass(frozen=True, slots=True)
class ImageFacts:
    """One locked image of the stack.

    Attributes:
        source: empty where it was published at its target.
        target: with its tag, or its digest where it has none.
        digest: the one that the target holds, and workloads run.
        size: bytes of all its platforms and what is attached.
        manifests: how many a copy reads from the source; 0: that is not known.
        platforms: of the target.
        resolved: when it was locked.
        public: anyone should be able to pull it.
        there: whether it is at its target; None where nobody looked, or got no answer.
        users: the namespaces that pull it, ``CLUSTER/NAMESPACE``.
    """

    source: str
    target: str
    digest: str
    size: int
    manifests: int
    platforms: tuple[str, ...]
    resolved: str
    public: bool
    there: bool | None = None
    users: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class OnHub:
    """One image of a namespace that is still on Docker Hub.

    ``workloads`` name it as the plan has them. ``pods`` is how many Pods run it, None where nobody looked. ``reason``
    is a line for people.
    """

    cluster: str
    namespace: str
    image: str
    why: Why
    reason: str
    workloads: tuple[str, ...] = ()
    pods: int | None = None


@dataclass(frozen=True, slots=True)
class Pulls:
    """What copying still takes of Docker Hub's pull allowance, at most, and what is left of it.

    ``left`` is None where Docker Hub was not asked, or told of no limit: ``asked`` says which.
    """

    needed: int
    asked: bool = False
    left: Allowance | None = None

    @property
    def short(self) -> bool:
        """Whether more is needed than is left."""
        return self.left is not None and self.needed > self.left.remaining


@dataclass(frozen=True, slots=True)
class Risk:
    """Something that may go wrong, or has: where, what, and what to do about it (empty: the text says it)."""

    level: Level
    where: str
    text: str
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """One stack.

    Attributes:
        stack: its name.
        phase: the stack's; namespaces may have their own.
        at: when it was looked at.
        namespaces: by cluster and name.
        clusters: by name.
        registries: by source and target.
        images: by target.
        on_hub: those first that somebody has to do something about.
        pulls: None where nothing comes from Docker Hub.
        happened: what is known of the past, by time.
        risks: those that matter most first.
        not_looked: what the report does not know, and why.
    """

    stack: str
    phase: Phase
    at: datetime
    namespaces: tuple[NamespaceProgress, ...] = ()
    clusters: tuple[ClusterProgress, ...] = ()
    registries: tuple[RegistryProgress, ...] = ()
    images: tuple[ImageFacts, ...] = ()
    on_hub: tuple[OnHub, ...] = ()
    pulls: Pulls | None = None
    happened: tuple[Span, ...] = ()
    risks: tuple[Risk, ...] = ()
    not_looked: tuple[NotLooked, ...] = field(default=())

    @property
    def way(self) -> Way | None:
        """How far all namespaces are that were looked at; None where none was."""
        ways = [each.way for each in self.clusters if each.way is not None]
        return sum(ways[1:], ways[0]) if ways else None
