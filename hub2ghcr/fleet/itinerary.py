"""The legs of a run: whose turn it is in which wave, and who is looked at before the next one."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from ..errors import SettingsError, raise_all
from .gates import Gate
from .nouns import Fleet, FleetCluster, Wave
from .standing import Standing
from .turn import Turn


@dataclass(frozen=True, slots=True)
class Leg:
    """One wave of a run: turns by cluster, so many at once.

    Then the gate, if there is one, looks at those whose turn was done, and at those of an earlier run: all that have a
    stack in ``stacks``.
    """

    wave: str
    stacks: Mapping[str, str]
    turns: Mapping[str, Turn]
    concurrency: int
    gate: Gate | None = None


Legs = tuple[Leg, ...]


def forward(fleet: Fleet, root: Path, phase: str | None, *, rollback: bool = False) -> Legs:
    """Return the legs of a new run: every cluster of every wave, and each wave's gate."""
    return tuple(
        Leg(
            wave.name,
            _stacks(wave),
            {each.name: Turn(each.stack, root, phase, rollback) for each in wave.clusters},
            wave.concurrency,
            wave.gate,
        )
        for wave in fleet.waves
    )


def onward(
    fleet: Fleet,
    root: Path,
    phase: str | None,
    standings: Mapping[str, Standing],
    passed: Collection[str],
    *,
    rollback: bool = False,
    lock_is_dead: bool = False,
) -> Legs:
    """Return the legs of a run that was not done: whoever is not where it wanted him, and gates that nobody passed."""

    def turn(cluster: FleetCluster, standing: Standing) -> Turn | None:
        if standing.state == "done":
            return None
        return Turn(cluster.stack, root, phase, rollback, standing.state == "begun", lock_is_dead)

    def leg(wave: Wave, turns: Mapping[str, Turn]) -> Leg:
        gate = wave.gate if turns or wave.name not in passed else None
        return Leg(wave.name, _stacks(wave), turns, wave.concurrency, gate)

    return tuple(each for each in _legs(fleet, standings, turn, leg) if each.turns or each.gate)


def back(fleet: Fleet, root: Path, standings: Mapping[str, Standing], *, lock_is_dead: bool = False) -> Legs:
    """Return the legs of a way back, the last wave first: whoever a run moved goes to the phase that it came from."""

    def turn(cluster: FleetCluster, standing: Standing) -> Turn | None:
        if not standing.before or standing.state == "back":
            return None
        return Turn(cluster.stack, root, standing.before, False, standing.state == "begun", lock_is_dead)

    def leg(wave: Wave, turns: Mapping[str, Turn]) -> Leg:
        return Leg(wave.name, _stacks(wave), turns, wave.concurrency)

    return tuple(each for each in _legs(fleet.backwards, standings, turn, leg) if each.turns)


def _stacks(wave: Wave) -> dict[str, str]:
    return {each.name: each.stack for each in wave.clusters}


def _legs(
    fleet: Fleet,
    standings: Mapping[str, Standing],
    turn: Callable[[FleetCluster, Standing], Turn | None],
    leg: Callable[[Wave, Mapping[str, Turn]], Leg],
) -> Legs:
    if gone := sorted(set(standings) - {each.name for each in fleet.clusters}):
        remedy = "put it back, or begin anew: `hub2ghcr fleet up`"
        raise SettingsError(
            "a run was about a cluster that is not there any more", fleet.place, ", ".join(gone), remedy
        )
    raise_all(_changed(fleet, standings))
    legs = []
    for wave in fleet.only(standings).waves:
        turns = {each.name: turn(each, standings[each.name]) for each in wave.clusters}
        legs.append(leg(wave, {name: each for name, each in turns.items() if each is not None}))
    return tuple(legs)


def _changed(fleet: Fleet, standings: Mapping[str, Standing]) -> Iterator[SettingsError]:
    """Yield the clusters whose stack is not the one of which the ledger tells."""
    for each in fleet.clusters:
        last = standings[each.name].last if each.name in standings else None
        if last and last.stack != each.stack:
            what, place = "had another stack when a run began it", f"{fleet.place}: clusters.{each.name}"
            yield SettingsError(what, place, last.stack, "put it back, or begin anew: `hub2ghcr fleet up`")
