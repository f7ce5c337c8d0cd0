"""What a fleet's ledger tells, for people: its runs, their turns and their gates."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from ..fleet.history import ClusterOutcome, FleetRun, GateOutcome
from ..pages import Span, State
from .fleet_nouns import RunLine

_ENDINGS: Final[Mapping[str, tuple[State, str]]] = {
    "": ("quiet", "has not ended"),
    "done": ("good", "done"),
    "failed": ("bad", "failed"),
    "rolled back": ("warn", "failed, and is back where it came from"),
    "stranded": ("bad", "failed, and so did its way back"),
    "killed": ("bad", "its process was killed, and what that left is not recovered"),
}


def happened(runs: Iterable[FleetRun]) -> tuple[Span, ...]:
    """Return the turns and gates of runs, by time."""
    spans = [span for run in runs for span in (*map(_turn, run.clusters), *map(_gate, run.gates))]
    return tuple(sorted(spans, key=lambda each: (each.begin, each.row)))


def lines(runs: Iterable[FleetRun]) -> Iterator[RunLine]:
    """Yield the runs in words, in their order."""
    for each in runs:
        phase = each.phase or ("where each came from" if each.command == "rollback" else "as the stack files said")
        commit = f"{each.commit[:12]}{', changed since' if each.dirty else ''}" if each.commit else ""
        ending = each.ending or "has not ended"
        count = (len(each.names), len(each.failed))
        yield RunLine(each.id, each.command, phase, commit, each.begun, each.ended, ending, *count)


def _turn(each: ClusterOutcome) -> Span:
    state, text = _ENDINGS[each.ending]
    phases = f"{each.before} to {each.after}" if each.after and each.after != each.before else each.before
    why = f": {each.problems[0]}" if each.problems else ""
    return Span(each.cluster, each.begun, each.ended, state, f"{phases}: {text}{why}")


def _gate(each: GateOutcome) -> Span:
    state: State = "bad" if each.failed else "good" if each.ended else "quiet"
    text = f"lets {len(each.failed)} not through" if each.failed else "passed" if each.ended else "is being looked at"
    return Span(f"gate of {each.wave}", each.begun, each.ended, state, text)
