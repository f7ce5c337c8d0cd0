"""What the pages and the Markdown of a report say alike."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from ..amounts import duration, size_of
from ..pages import State
from ..status import Part
from .nouns import Level, Pulls, Report

LEVELS: Final[Mapping[Level, State]] = {"high": "bad", "medium": "warn", "low": "quiet"}
"""What a risk's level looks like."""


def part(part: Part | None) -> str:
    """Return how much of something is done, a dash where nobody looked or there is nothing of it."""
    return str(part) if part is not None and part.of else "-"


def yes(there: bool | None) -> str:
    """Return an answer in words."""
    return {True: "yes", False: "no", None: "not known"}[there]


def pulls(found: Pulls | None) -> str:
    """Return in a sentence what copying takes of Docker Hub's allowance."""
    if found is None:
        return "Nothing is copied from Docker Hub."
    takes = f"What is left to copy takes up to {found.needed} pulls of Docker Hub"
    if found.left is not None:
        left = f"{found.left.remaining} of {found.left.limit} are left within {duration(found.left.window)}"
        return f"{takes}; {left}."
    return f"{takes}; it told of no limit." if found.asked else f"{takes}; it was not asked what is left."


def summary(report: Report) -> list[tuple[str, str, str]]:
    """Return the numbers of a report: a name, a value and a note of each."""
    there = [each for each in report.images if each.there]
    known = [each for each in report.images if each.there is not None]
    images = f"{len(there)} of {len(report.images)}" if known else str(len(report.images))
    total = f"{size_of(sum(each.size for each in report.images))} in all"
    way = report.way
    workloads = sum(each.workloads for each in report.namespaces)
    running = f"{way.running.done} of {way.running.of}" if way else str(workloads)
    high = sum(each.level == "high" for each in report.risks)
    rest = len(report.risks) - high
    return [
        ("Images on GHCR" if known else "Images to be on GHCR", images, total),
        ("Workloads that run from there" if way else "Workloads that move", running, "" if way else "not looked at"),
        ("Images still on Docker Hub", str(len(report.on_hub)), _undecided(report)),
        ("Pulls that copying still takes", str(report.pulls.needed if report.pulls else 0), left_of(report.pulls)),
        ("To be seen to", str(high), f"and {rest} to know of" if rest else ""),
    ]


def _undecided(report: Report) -> str:
    count = sum(each.why in ("undecided", "unknown") for each in report.on_hub)
    return f"{count} of them nobody has decided on" if count else ""


def left_of(found: Pulls | None) -> str:
    """Return a note on what is left of the allowance, empty where there is nothing to say."""
    if found is None or found.left is None:
        return "" if found is None or found.asked else "what is left was not asked"
    return f"of {found.left.remaining} that are left"
