"""Every image that files name: where, how often, and what becomes of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from . import files, places
from .deciding import Decider, Decision, State, start
from .errors import Hub2GhcrError, Problems
from .mapping import Mapped, Mapping, collisions
from .places import Found, Places
from .platforms.kaniko.existing import remarks
from .platforms.microk8s import addon
from .platforms.platform import Platform
from .platforms.recognising import of_file, of_image, of_place, recognised
from .walking import walk


@dataclass(frozen=True, slots=True)
class Row:
    """One image in one place: ``target`` is where it moves, ``reason`` why it does not.

    ``line`` and ``column`` count from 1; they are 0 where no value of the file says it.
    """

    place: str
    line: int
    column: int
    kind: str
    name: str
    field: str
    text: str
    state: State
    target: str
    reason: str


@dataclass(frozen=True, slots=True)
class Scan:
    """All rows, sorted by place and position; ``files`` were read.

    ``notes`` are on what names no image, and on what to declare.
    ``whole`` are the texts that name an image to the last: those whose tag stands elsewhere, say in a variable, do not.
    ``platforms`` are those that the files are for.
    """

    rows: tuple[Row, ...]
    files: int
    problems: tuple[Hub2GhcrError, ...]
    notes: tuple[str, ...]
    whole: frozenset[str] = frozenset()
    platforms: tuple[Platform, ...] = ()

    def of(self, *states: State) -> tuple[Row, ...]:
        """Return the rows in these states."""
        return tuple(row for row in self.rows if row.state in states)


def scan(paths: Sequence[str], mapping: Mapping, extra: Places | None = None) -> Scan:
    """Read files, folders and streams; nothing is raised, all problems are collected.

    Args:
        paths: what to read; ``-`` is standard input.
        mapping: which image moves where; without rules every Docker Hub image is reported as not covered.
        extra: places that settings declare.
    """
    walked = walk(paths)
    decider = Decider(mapping)
    problems, notes = list(walked.problems), list(walked.notes)
    rows: list[Row] = []
    mapped: dict[str, Mapped] = {}
    whole: set[str] = set()
    signs: dict[str, list[str]] = {}
    for each in walked.inputs:
        try:
            data = files.read(each.path, each.place)
            found = places.find(data, each.place, extra)
        except Hub2GhcrError as error:
            problems.append(error)
            continue
        for platform, line in of_file(data):
            signs.setdefault(platform, []).append(f"{each.place}:{line}")
        if (updater := of_place(each.place, data)) is not None:
            signs.setdefault(updater, []).append(each.place)
        notes += remarks(data, each.place)
        for image in found:
            if not image.text:
                line, column = start(image)
                notes.append(f"{each.place}:{line}:{column}: {titled(image.kind, image.name)}: {image.note}")
                continue
            decision = decider.decide(image)
            row = _row(image, each.place, decision)
            rows.append(row)
            if not image.name_only:
                whole.add(image.text)
            if (platform_ := of_image(image.text)) is not None:
                signs.setdefault(platform_, []).append(f"{row.place}:{row.line}")
            if decision.error is not None:
                problems.append(decision.error.at(f"{row.place}:{row.line}:{row.column}"))
            if decision.mapped is not None:
                mapped.setdefault(decision.mapped.source.name, decision.mapped)
    problems += collisions(mapped.values())
    notes += addon.advice(sorted({row.text for row in rows}), mapping)
    rows.sort(key=lambda row: (row.place, row.line, row.column, row.field, row.text))
    return Scan(
        tuple(rows),
        len(walked.inputs),
        Problems(problems).problems,
        tuple(sorted(set(notes))),
        frozenset(whole),
        recognised(signs),
    )


def titled(kind: str, name: str) -> str:
    """Return how a report names an object: ``Deployment/web``."""
    return f"{kind}/{name}" if name else kind


def _row(found: Found, place: str, decision: Decision) -> Row:
    line, column = start(found)
    target = str(decision.target) if decision.target else ""
    return Row(
        place,
        line,
        column,
        found.kind,
        found.name,
        found.field,
        found.text,
        decision.state,
        target,
        decision.reason,
    )
