"""What ``hub2ghcr workflows`` shows: each change in a line, a diff, or JSON."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, Final

from ..diff import unified
from .workflows_run import Result, Run

Writer = Callable[[Run, str | None], str]


def text(run: Run, mode: str | None) -> str:
    """Return each change in a line, and how many there are."""
    lines: list[str] = []
    changes = files = 0
    for result in run.results:
        for file in result.migration.changed:
            files += 1
            changes += len(file.changes)
            place = _place(result, file.place)
            for each in file.changes:
                what = f"{each.before} -> {each.after}" if each.before.strip() else f"+ {each.after}"
                lines.append(f"{place}:{each.line}:{each.column}: {what}")
        if result.done is not None:
            lines.append(f"{result.done[0]}: {result.done[1]}")
    verb = "changed" if mode == "in-place" else "proposed" if mode == "propose" else "would change"
    lines.append(f"{verb}: {_count(changes, 'place')} in {_count(files, 'file')}")
    return "".join(f"{line}\n" for line in lines)


def diff(run: Run, _: str | None) -> str:
    """Return the difference of each file that changes."""
    return "".join(
        unified(file.before, file.data, _place(result, file.place)).decode()
        for result in run.results
        for file in result.migration.changed
    )


def as_json(run: Run, _: str | None) -> str:
    """Return everything for programs."""
    said = {
        "repositories": [_document(each) for each in run.results],
        "skipped": [{"repository": name, "reason": reason} for name, reason in run.skipped],
    }
    return json.dumps(said, indent=2, ensure_ascii=False) + "\n"


def _document(result: Result) -> dict[str, Any]:
    return {
        "repository": result.name or None,
        "files": [
            {
                "path": file.place,
                "changes": [
                    {"line": each.line, "column": each.column, "before": each.before, "after": each.after}
                    for each in file.changes
                ],
            }
            for file in result.migration.files
        ],
        "undecided": [
            {"place": each.path, "what": each.what, "value": each.value, "remedy": each.remedy}
            for each in result.migration.problems
        ],
        "notes": list(result.migration.notes),
        "pullRequest": None if result.done is None else {"state": result.done[0], "url": result.done[1]},
    }


def _place(result: Result, path: str) -> str:
    return f"{result.name}/{path}" if result.name else path


def _count(number: int, what: str) -> str:
    return f"1 {what}" if number == 1 else f"{number} {what}s"


WRITERS: Final[Mapping[str, Writer]] = {"text": text, "diff": diff, "json": as_json}
"""By what is asked for."""
