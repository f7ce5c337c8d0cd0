"""Where each cluster stands, by what the ledger tells of the last run and of all that went on with it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

from .history import ClusterOutcome, FleetRun

State = Literal["waiting", "begun", "done", "failed", "back"]
"""Its turn did not come; it began, and nobody wrote down an end; it is where the run wanted it; it failed, by itself or
at the gate; it is where it came from."""


@dataclass(frozen=True, slots=True)
class Standing:
    """One cluster. ``before`` is the phase that it came from, empty where its turn did not come; ``last`` that turn."""

    cluster: str
    wave: str
    state: State = "waiting"
    before: str = ""
    last: ClusterOutcome | None = None
    problems: tuple[str, ...] = ()


def standings(campaign: Iterable[FleetRun]) -> dict[str, Standing]:
    """Return where the clusters of a campaign (`hub2ghcr.fleet.history.History.campaign`) stand, in its order."""
    found: dict[str, Standing] = {}
    for run in campaign:
        for wave, names in run.waves.items():
            for name in names:
                found.setdefault(name, Standing(name, wave))
        for turn in run.clusters:
            found[turn.cluster] = _after(found[turn.cluster], turn, run.command == "rollback")
        for gate in run.gates:
            for name, problems in gate.failed.items():
                found[name] = replace(found[name], state="failed", problems=problems)
    return found


def passed(campaign: Iterable[FleetRun]) -> frozenset[str]:
    """Return the waves whose gate let all through that it looked at: whoever is done, and had no turn since."""
    runs = tuple(campaign)
    through: set[str] = set()
    found: set[str] = set()
    for run in runs:
        through -= {turn.cluster for turn in run.clusters}
        found -= {turn.wave for turn in run.clusters}
        for gate in run.gates:
            if gate.ended and not gate.failed:
                through.update(gate.clusters)
                found.add(gate.wave)
    missed = {each.wave for each in standings(runs).values() if each.state == "done" and each.cluster not in through}
    return frozenset(found - missed)


def _after(before: Standing, turn: ClusterOutcome, backwards: bool) -> Standing:
    state: State = "failed"
    if turn.ending in ("", "killed"):
        state = "begun"
    elif turn.ending == "done":
        state = "back" if backwards else "done"
    # whoever tries again after a failure begins from where the first turn did
    came = before.before if before.state in ("begun", "done", "failed") and before.before else turn.before
    return replace(before, state=state, before=came, last=turn, problems=turn.problems)
