"""What a run is going to do: begin something, go on with it, or take it back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path
from typing import Final

from ..errors import SettingsError
from . import itinerary
from .history import Command, FleetRun, History
from .itinerary import Legs
from .narrowing import narrowed
from .nouns import Fleet
from .standing import Standing, passed, standings

NOTHING: Final = "nothing has run here"


@dataclass(frozen=True, slots=True)
class Intent:
    """A run before it begins.

    Attributes:
        command: what it does.
        of: the run that it goes on with or takes back; empty where it begins something.
        phase: the phase that is written; empty: none, or for a way back, each cluster's.
        legs: whose turn it is, in order; empty where nothing is left to do.
        budget: how many clusters may fail before no further one begins; None: all may.
    """

    command: Command
    of: str
    phase: str
    legs: Legs
    budget: int | None

    @property
    def waves(self) -> dict[str, tuple[str, ...]]:
        """The clusters that it is about, by wave: whose turn it is, or whom a gate alone looks at."""
        return {leg.wave: tuple(leg.turns or leg.stacks) for leg in self.legs}

    @property
    def turns(self) -> int:
        """How many clusters have a turn."""
        return sum(len(leg.turns) for leg in self.legs)


@dataclass(frozen=True, slots=True)
class Narrow:
    """Which part of a fleet is meant: waves by name, clusters by patterns; empty: all."""

    waves: tuple[str, ...] = ()
    globs: tuple[str, ...] = ()


def begun(fleet: Fleet, root: Path, narrow: Narrow, phase: str | None, *, rollback: bool = False) -> Intent:
    """Return a new run of all that is meant.

    Raises:
        SettingsError, Problems: no such wave or cluster.
    """
    meant = fleet.only(narrowed(fleet, narrow.waves, narrow.globs))
    legs = itinerary.forward(meant, root, phase, rollback=rollback)
    return Intent("up", "", phase or "", legs, fleet.budget.of(len(meant.clusters)))


def resumed(
    fleet: Fleet, root: Path, narrow: Narrow, history: History, *, rollback: bool = False, lock_is_dead: bool = False
) -> Intent:
    """Return what is left of the last run: of a way back that was not done, or of what began before it.

    Raises:
        SettingsError, Problems: nothing ran before; it was about clusters that are not in the fleet any more, or that
            have another stack now.
    """
    first, last = _campaign(history)
    stands = standings(history.campaign)
    found = _meant(fleet, narrow, stands)
    back = _gone_back(history)
    if back and (last.ending != "done" or any(_away(stands[name]) for name in back)):
        left = {name: each for name, each in found.items() if name in back}
        return Intent("rollback", first.id, "", itinerary.back(fleet, root, left, lock_is_dead=lock_is_dead), None)
    legs = itinerary.onward(
        fleet,
        root,
        first.phase or None,
        found,
        passed(history.campaign),
        rollback=rollback,
        lock_is_dead=lock_is_dead,
    )
    return Intent("up", first.id, first.phase, legs, fleet.budget.of(len(found)))


def taken_back(fleet: Fleet, root: Path, narrow: Narrow, history: History, *, lock_is_dead: bool = False) -> Intent:
    """Return the way back of what the last run, and all that went on with it, did to the clusters that are meant.

    Raises:
        SettingsError, Problems: as `resumed`.
    """
    first, _ = _campaign(history)
    found = _meant(fleet, narrow, standings(history.campaign))
    return Intent("rollback", first.id, "", itinerary.back(fleet, root, found, lock_is_dead=lock_is_dead), None)


def _campaign(history: History) -> tuple[FleetRun, FleetRun]:
    if not history.campaign:
        raise SettingsError(NOTHING, remedy="begin with `hub2ghcr fleet up`")
    return history.campaign[0], history.campaign[-1]


def _gone_back(history: History) -> frozenset[str]:
    """Return the clusters of the way back that ran last, in however many runs."""
    runs = takewhile(lambda run: run.command == "rollback", reversed(history.campaign))
    return frozenset(name for run in runs for name in run.names)


def _away(standing: Standing) -> bool:
    """Whether a cluster is somewhere else than where it came from."""
    return bool(standing.before) and standing.state != "back"


def _meant(fleet: Fleet, narrow: Narrow, found: Mapping[str, Standing]) -> Mapping[str, Standing]:
    if not narrow.waves and not narrow.globs:
        return found
    names = narrowed(fleet, narrow.waves, narrow.globs)
    return {name: each for name, each in found.items() if name in names}
