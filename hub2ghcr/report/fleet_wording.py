"""What the page and the Markdown of a fleet's report say alike."""

from __future__ import annotations

from .fleet_nouns import FleetReport, Member
from .wording import left_of

SHOWN = 3
"""Places that are named; of more, how many there are."""


def summary(report: FleetReport) -> list[tuple[str, str, str]]:
    """Return the numbers of a fleet: a name, a value and a note of each."""
    failed = sum(each.stands == "failed" for each in report.members)
    done = sum(each.stands == "done" for each in report.members)
    total = len(report.members)
    found = [("Clusters that are done", f"{done} of {total}", f"{failed} failed" if failed else "")]
    if not report.read:
        return found
    there = sum(bool(each.there) for each in report.images)
    known = any(each.there is not None for each in report.images)
    images = f"{there} of {len(report.images)}" if known else str(len(report.images))
    moves = sum(sum(one.workloads for one in each.report.namespaces) for each in report.members if each.report)
    ways = [each.report.way for each in report.members if each.report and each.report.way]
    running = f"{sum(each.running.done for each in ways)} of {sum(each.running.of for each in ways)}"
    looked = f"of {len(ways)} clusters that were looked at" if 0 < len(ways) < total else ""
    high = sum(each.level == "high" for each in report.risks)
    return [
        *found,
        ("Images on GHCR" if known else "Images to be on GHCR", images, "each once"),
        ("Workloads that run from there" if ways else "Workloads that move", running if ways else str(moves), looked),
        ("Images still on Docker Hub", str(len(report.on_hub)), "each once"),
        ("Pulls that copying still takes", str(report.pulls.needed if report.pulls else 0), left_of(report.pulls)),
        ("To be seen to", str(high), f"and {len(report.risks) - high} to know of" if len(report.risks) > high else ""),
    ]


def places(where: tuple[str, ...]) -> str:
    """Return where something is: names, or the first ones and how many more there are."""
    rest = len(where) - SHOWN
    return ", ".join(where) if rest <= 1 else f"{', '.join(where[:SHOWN])} and {rest} more"


def phases(member: Member) -> str:
    """Return the phases of a cluster's namespaces, a dash where its stack was not read."""
    if member.report is None:
        return "-"
    found = [each for cluster in member.report.clusters for each in cluster.phases.items()]
    return ", ".join(f"{count} {phase}" for phase, count in sorted(found)) or member.report.phase
