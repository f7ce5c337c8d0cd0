"""A fleet's report as Markdown."""

from __future__ import annotations

from collections.abc import Iterator

from ..amounts import duration, size_of
from ..pages import utc
from .fleet_nouns import STANDS, FleetReport
from .fleet_wording import phases, places, summary
from .markdown import Section, bullet, registries, table
from .nouns import WHYS
from .wording import part, pulls, yes


def text(report: FleetReport) -> str:
    """Return the report."""
    lines = ["# Report of the fleet", "", f"Looked at {utc(report.at)} UTC.", ""]
    lines += [f"- {name}: {value}{f' ({note})' if note else ''}" for name, value, note in summary(report)]
    for title, head, rows in _sections(report):
        if rows:
            lines += ["", f"## {title}", "", *table(head, rows)]
    if report.read:
        lines += ["", "## Docker Hub's pull allowance", "", pulls(report.pulls)]
    if report.not_looked:
        lines += ["", "## What was not looked at", "", *(bullet(each.what, each.why) for each in report.not_looked)]
    return "\n".join(lines)


def _sections(report: FleetReport) -> Iterator[Section]:
    said = {each.name: "; ".join(f"{cluster}: {text}" for cluster, text in each.problems) for each in report.waves}
    yield (
        "Waves",
        ["wave", "done", "failed", "gate", "what the gate said"],
        [[each.name, f"{each.done}/{each.clusters}", each.failed, each.gate, said[each.name]] for each in report.waves],
    )
    yield (
        "Clusters",
        ["cluster", "wave", "stack", "by the last run", "took", "phases", "running", "on Docker Hub", "problems"],
        [
            [
                *(each.cluster, each.wave, each.stack or "-", STANDS[each.stands][1] if each.stands else "-"),
                *(duration(each.seconds) if each.seconds else "-", phases(each)),
                *(part(each.report.way.running) if each.report and each.report.way else "-",),
                *(len(each.report.on_hub) if each.report else "-", "; ".join((*each.why, *each.problems))),
            ]
            for each in report.members
        ],
    )
    yield (
        "Runs",
        ["run", "what", "phase", "commit", "how it went", "clusters", "failed"],
        [
            [each.id, each.command, each.phase, each.commit or "-", each.ending, each.clusters, each.failed]
            for each in report.runs
        ],
    )
    yield (
        "What to see to",
        ["level", "what", "what to do", "where"],
        [[each.level, each.text, each.remedy, places(each.where)] for each in report.risks],
    )
    yield (
        "Still on Docker Hub",
        ["image", "why", "reason", "where", "Pods"],
        [
            [each.image, WHYS[each.why], each.reason, places(each.where), "-" if each.pods is None else each.pods]
            for each in report.on_hub
        ],
    )
    yield registries(report.registries)
    yield (
        "Images",
        ["target", "source", "digest", "size", "there", "namespaces"],
        [
            [
                *(each.target, each.source or "(published there)", each.digest),
                *(size_of(each.size), yes(each.there), len(each.users)),
            ]
            for each in report.images
        ],
    )
    yield (
        "What happened",
        ["when (UTC)", "what", "took", "how it went"],
        [
            [
                *(utc(each.begin), each.row),
                *(duration((each.end - each.begin).total_seconds()) if each.end else "goes on", each.text),
            ]
            for each in report.happened
        ],
    )
