"""What happens in a run of a fleet, in lines."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from ..amounts import duration, many
from ..engine import Said, Step
from ..fleet.gates import Gate
from ..fleet.progress import (
    ClusterBegun,
    ClusterEnded,
    ClusterSaid,
    GateBegun,
    GateEnded,
    GateLooked,
    Progress,
    RunEnded,
    WaveBegun,
)
from ..fleet.tally import Tally
from ..fleet.turn import Planned

NAMED: Final = 20
"""Clusters that one line names."""

_ENDED: Final = {
    "done": "done",
    "failed": "failed",
    "rolled back": "failed and rolled back",
    "stranded": "failed, and so did the way back",
    "killed": "killed and not recovered",
}


def line(progress: Progress, tally: Tally, now: float) -> Iterator[str]:
    """Yield the lines that tell what happened; ``tally`` has it counted already."""
    match progress:
        case WaveBegun(wave, clusters, concurrency) if clusters:
            yield f"wave {wave}: {names(clusters)} ({concurrency} at once)"
        case ClusterSaid(cluster, what):
            yield from _said(cluster, what)
        case ClusterBegun(cluster, before=before) if before:
            yield f"{cluster}: begins in phase {before}"
        case ClusterEnded(cluster, ending=ending, after=after, problems=problems, seconds=seconds):
            yield from (f"error: {cluster}: {each}" for each in problems)
            phase = f"; its phase is {after}" if after else ""
            yield f"{cluster}: {_ENDED[ending]} after {duration(seconds)}{phase} ({counted(tally, now)})"
        case GateBegun(wave, gate, clusters):
            yield f"gate of {wave}: {many(len(clusters), 'cluster')}, {asked(gate)}"
        case GateLooked(wave, left, health) if left:
            worst = min((each.availability for each in health.values()), default=1.0)
            errors = sum(len(each.pull_errors) for each in health.values())
            yield f"gate of {wave}: {duration(left)} left; {worst:.0%} available at least, {many(errors, 'pull error')}"
        case GateEnded(wave, failed):
            yield from (f"error: gate of {wave}: {name}: {each}" for name, lines in failed.items() for each in lines)
            yield f"gate of {wave}: {f'does not let through {names(tuple(failed))}' if failed else 'passed'}"
        case RunEnded():
            yield from _ended(progress, tally)


def counted(tally: Tally, now: float) -> str:
    """Return how far it is."""
    failed = f", {tally.failed} failed" if tally.failed else ""
    left = tally.left(now)
    time = f", about {duration(left)} left" if left and left >= 1 else ""
    return f"{tally.done} of {tally.total} done{failed}{time}"


def asked(gate: Gate) -> str:
    """Return what a gate asks for."""
    soak = f"for {duration(gate.soak)}" if gate.soak else "now"
    return f"{gate.availability:.0%} available and at most {gate.pull_errors} pull errors each, {soak}"


def names(clusters: tuple[str, ...]) -> str:
    """Return names of clusters, not too many of them."""
    more = f" and {len(clusters) - NAMED} more" if len(clusters) > NAMED else ""
    return ", ".join(clusters[:NAMED]) + more


def _said(cluster: str, what: Planned | Step | Said) -> Iterator[str]:
    match what:
        case Planned(phase, images, namespaces, workloads):
            counts = (many(images, "image"), many(namespaces, "namespace"), many(workloads, "workload"))
            yield f"{cluster}: phase {phase}: {', '.join(counts)}"
        case Said(severity="warning", message=message):
            yield f"{cluster}: warning: {' '.join(message.split())}"
        case Step(moment="failed"):
            yield f"{cluster}: failed: {what.type} {what.name}"


def _ended(run: RunEnded, tally: Tally) -> Iterator[str]:
    counts = f"{tally.done} of {tally.total} clusters are done"
    failed = f", {len(run.failed)} failed ({names(run.failed)})" if run.failed else ""
    waiting = f", {len(run.waiting)} did not begin ({names(run.waiting)})" if run.waiting else ""
    match run.ending:
        case "done":
            yield f"done: {counts}"
            return
        case "halted":
            yield f"halted: {counts}{failed}{waiting}"
        case "incomplete":
            yield f"incomplete: {counts}{failed}"
        case "interrupted":
            yield f"interrupted: {counts}{failed}{waiting}"
    yield "mend it and go on: hub2ghcr fleet resume; or go back: hub2ghcr fleet rollback"
