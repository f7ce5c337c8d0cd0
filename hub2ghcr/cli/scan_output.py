"""A scan as text, as JSON and as Markdown; the same scan gives the same bytes."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any, Final

from ..deciding import State
from ..scanning import Row, Scan, titled
from ..walking import printable

SCHEMA: Final = 1
"""The version of the JSON output."""

_SECTIONS: Final[tuple[tuple[str, tuple[State, ...]], ...]] = (
    ("To move", ("move",)),
    ("Not covered by a rule", ("uncovered",)),
    ("With a problem", ("problem",)),
    ("Found, and not to be edited there", ("place", "templated", "not-an-image")),
    ("Perhaps images: no such place is known", ("unknown-place",)),
    ("Stay", ("on-ghcr", "excluded", "imported", "github-packages", "openshift", "local", "other-registry")),
)

_WIDEST: Final = 60
"""Characters of a table's column; what is longer moves the rest of its line."""


@dataclass(frozen=True, slots=True)
class _Image:
    """One image, and all the places that name it."""

    text: str
    state: State
    fate: str
    rows: tuple[Row, ...]


def table(scan: Scan) -> str:
    """Return the scan for a terminal or a pipe: below each image the places that name it."""
    lines: list[str] = []
    for title, images in _sections(scan):
        lines += [title, ""]
        width = min(_WIDEST, max(len(printable(each.text)) for each in images))
        for each in images:
            lines.append(f"  {printable(each.text):{width}}  {_times(each)}  {_arrow(each)}{printable(each.fate)}")
            cells = [(_at(row), _object(row), printable(row.field)) for row in each.rows]
            widths = [min(_WIDEST, max(map(len, column))) for column in zip(*cells, strict=True)]
            lines += (f"      {at:{widths[0]}}  {object_:{widths[1]}}  {field}" for at, object_, field in cells)
        lines.append("")
    if scan.platforms:
        lines += ["Platforms", "", *(f"  {printable(str(each))}" for each in scan.platforms), ""]
    return "\n".join([*(line.rstrip() for line in lines), *summary(scan)])


def markdown(scan: Scan) -> str:
    """Return the scan for a pull request or a report."""
    lines = ["# Images", ""]
    for title, images in _sections(scan):
        lines += [f"## {title}", "", "| image | references | to, or why not | where |", "|---|---|---|---|"]
        for each in images:
            where = "<br>".join(f"{_cell(_at(row))} {_cell(_object(row))}" for row in each.rows)
            lines.append(f"| `{_cell(each.text)}` | {len(each.rows)} | {_cell(each.fate)} | {where} |")
        lines.append("")
    if scan.platforms:
        lines += ["## Platforms", "", "| platform | what applies | page | where |", "|---|---|---|---|"]
        lines += (f"| {p.name} | {_cell(p.applies)} | {p.page} | {_cell(p.evidence)} |" for p in scan.platforms)
        lines.append("")
    return "\n".join([*lines, "## Summary", "", *(f"- {line}" for line in summary(scan))])


def as_json(scan: Scan) -> str:
    """Return the whole scan as JSON, keys sorted."""
    data = {
        "version": SCHEMA,
        "summary": {
            "files": scan.files,
            "filesWithImages": len({row.place for row in scan.rows}),
            "images": len(_images(scan)),
            "references": len(scan.rows),
            "referencesByState": dict(sorted(Counter(row.state for row in scan.rows).items())),
            "problems": len(scan.problems),
        },
        "images": [_data(each) for each in _images(scan)],
        "notes": list(scan.notes),
        "platforms": [asdict(each) for each in scan.platforms],
        "problems": [str(each) for each in scan.problems],
    }
    return json.dumps(data, indent=2, sort_keys=True, ensure_ascii=False)


def summary(scan: Scan) -> list[str]:
    """Return a few lines for who asks how large the migration is."""
    images = _images(scan)
    files = len({row.place for row in scan.rows})
    lines = [
        f"{_count(len(images), 'image')}, {_count(len(scan.rows), 'reference')} in {_count(files, 'file')} "
        f"({_count(scan.files, 'file')} read)"
    ]

    for title, states in _SECTIONS:
        chosen = [each for each in images if each.state in states]
        if chosen:
            references = _count(sum(len(each.rows) for each in chosen), "reference")
            lines.append(f"{title[0].lower()}{title[1:]}: {_count(len(chosen), 'image')}, {references}{_why(chosen)}")
    if scan.problems:
        lines.append(f"problems: {len(scan.problems)}")
    return lines


def _why(images: list[_Image]) -> str:
    """Return the reasons, the most frequent first; none where a section's title says it."""
    reasons = Counter(each.fate for each in images)
    if images[0].state in ("move", "uncovered", "unknown-place"):
        return ""
    ranked = sorted(reasons.items(), key=lambda item: (-item[1], item[0]))
    return ": " + "; ".join(f"{number} {printable(reason)}" for reason, number in ranked)


def _sections(scan: Scan) -> Iterator[tuple[str, list[_Image]]]:
    images = _images(scan)
    for title, states in _SECTIONS:
        chosen = [each for each in images if each.state in states]
        if chosen:
            yield title, chosen


def _images(scan: Scan) -> list[_Image]:
    rows: dict[tuple[str, State, str], list[Row]] = {}
    for row in scan.rows:
        rows.setdefault((row.text, row.state, row.target or row.reason), []).append(row)
    return [_Image(*key, tuple(found)) for key, found in sorted(rows.items())]


def _data(image: _Image) -> dict[str, Any]:
    return {
        "image": image.text,
        "state": image.state,
        "target": image.fate if image.state == "move" else None,
        "reason": None if image.state == "move" else image.fate,
        "references": [
            {
                "file": row.place,
                "line": row.line,
                "column": row.column,
                "kind": row.kind,
                "name": row.name,
                "field": row.field,
            }
            for row in image.rows
        ],
    }


def _at(row: Row) -> str:
    return f"{row.place}:{row.line}:{row.column}" if row.line else row.place


def _object(row: Row) -> str:
    return printable(titled(row.kind, row.name))


def _arrow(image: _Image) -> str:
    return "-> " if image.state == "move" else ""


def _times(image: _Image) -> str:
    files = len({row.place for row in image.rows})
    return f"{_count(len(image.rows), 'reference')} in {_count(files, 'file')}"


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def _cell(text: str) -> str:
    return printable(text).replace("|", "\\|").replace("<", "&lt;").replace("`", "'")
