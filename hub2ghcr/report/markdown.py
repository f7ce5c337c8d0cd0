"""A report as Markdown: the same parts as the page has, for job summaries and terminals."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from .. import markdown
from ..amounts import duration, size_of
from ..pages import utc
from ..token_shapes import redacted
from .nouns import WAY, WHYS, RegistryProgress, Report
from .wording import part, pulls, summary, yes

Section = tuple[str, list[str], list[list[object]]]
"""A title, the columns' heads, and the rows."""


def text(report: Report) -> str:
    """Return a stack's report."""
    lines = [f"# Report of stack {report.stack}", "", f"Phase {report.phase}, looked at {utc(report.at)} UTC.", ""]
    lines += [f"- {name}: {value}{f' ({note})' if note else ''}" for name, value, note in summary(report)]
    for title, head, rows in _sections(report):
        lines += ["", f"## {title}", "", *table(head, rows)]
    lines += ["", "## Docker Hub's pull allowance", "", pulls(report.pulls)]
    if report.not_looked:
        lines += ["", "## What was not looked at", "", *(bullet(each.what, each.why) for each in report.not_looked)]
    return "\n".join(lines)


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> list[str]:
    """Return the lines of a table; nothing in a cell is markup."""
    return markdown.table(head, ([_line(str(cell)).replace("|", "\\|") for cell in row] for row in rows))


def bullet(what: str, why: str) -> str:
    """Return a line of a list."""
    return f"- {_line(what)}: {_line(why)}"


def registries(found: Iterable[RegistryProgress]) -> Section:
    """Return the section of what comes from which registry."""
    head = ["from", "to", "images", "there", "size", "left to copy, at most"]
    rows: list[list[object]] = [
        [
            *(each.source or "(published there)", each.target, each.images),
            *("not known" if each.there is None else each.there, size_of(each.size), size_of(each.left)),
        ]
        for each in found
    ]
    return "Registries", head, rows


def _sections(report: Report) -> Iterator[Section]:
    if report.risks:
        risks: list[list[object]] = [[each.level, each.where, each.text, each.remedy] for each in report.risks]
        yield "What to see to", ["level", "where", "what", "remedy"], risks
    if report.on_hub:
        head = ["cluster", "namespace", "image", "why", "reason", "named by", "Pods"]
        yield (
            "Still on Docker Hub",
            head,
            [
                [
                    *(each.cluster, each.namespace, each.image, WHYS[each.why], each.reason),
                    ", ".join(each.workloads) or "-",
                    "not known" if each.pods is None else each.pods,
                ]
                for each in report.on_hub
            ],
        )
    yield (
        "Clusters",
        ["cluster", "namespaces", "phases", *WAY, "on Docker Hub", "problems"],
        [
            [
                *(each.name, each.namespaces, ", ".join(f"{n} {phase}" for phase, n in sorted(each.phases.items()))),
                *(map(part, each.way.parts) if each.way else ["-"] * 4),
                *(each.on_hub, each.problems if each.way else "-"),
            ]
            for each in report.clusters
        ],
    )
    yield (
        "Namespaces",
        ["cluster", "namespace", "phase", *WAY, "guard", "on Docker Hub", "problems"],
        [
            [
                *(each.cluster, each.name, each.phase, *(map(part, each.way.parts) if each.way else ["-"] * 4)),
                *(each.guard, each.on_hub, len(each.problems) if each.way else "-"),
            ]
            for each in report.namespaces
        ],
    )
    yield registries(report.registries)
    yield (
        "Images",
        ["source", "target", "digest", "size", "platforms", "locked", "there", "namespaces"],
        [
            [
                *(each.source or "(published there)", each.target, each.digest, size_of(each.size)),
                *(", ".join(each.platforms), each.resolved, yes(each.there), len(each.users)),
            ]
            for each in report.images
        ],
    )
    if report.happened:
        head = ["when (UTC)", "what", "took", "how it went"]
        took = [
            duration((each.end - each.begin).total_seconds()) if each.end else "goes on" for each in report.happened
        ]
        yield (
            "What happened",
            head,
            [[utc(each.begin), each.row, time, each.text] for each, time in zip(report.happened, took, strict=True)],
        )


def _line(text: str) -> str:
    """Return a text as one line in which nothing is markup: what a cluster or a registry says is shown as it is."""
    line = " ".join(redacted(text).split())
    for each in "\\`*_<[":
        line = line.replace(each, f"\\{each}")
    return line
