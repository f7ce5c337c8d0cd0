"""A preview as GitHub's Markdown. All that is data stands in code spans or is escaped: see `marks`."""

from __future__ import annotations

from html import escape

from ..markdown import table
from .marks import code
from .nouns import Preview, StackPreview
from .parts import COUNTED, Part, counted, headline, made_with, parts


def whole(preview: Preview) -> str:
    """Return all of a preview, however long it is."""
    lines = [*opening(preview), *overview([each for each in preview.stacks if each.changes]), *unchanged(preview)]
    return "\n".join([*lines, *(section(each) for each in by_weight(preview))]).rstrip() + "\n"


def opening(preview: Preview) -> list[str]:
    """Return what stands above all stacks."""
    said = f"{headline(preview)}."
    return ["## hub2ghcr preview", "", said, "", f"{code(preview.base)} → {code(preview.head)}", ""]


def overview(stacks: list[StackPreview]) -> list[str]:
    """Return the table with a row for each of these stacks."""
    rows = [[code(name), *cells] for name, *cells in map(counted, stacks)]
    return [*table(COUNTED, rows), ""] if rows else []


def unchanged(preview: Preview, most: int | None = None, length: int | None = None) -> list[str]:
    """Return the line of the stacks in which nothing changes, at most so many by name, and so long each."""
    names = [each.stack for each in preview.stacks if not each.changes]
    if not names:
        return []
    shown = names[:most]
    rest = f" and {len(names) - len(shown)} more" if len(shown) < len(names) else ""
    return [f"Nothing changes in {', '.join(code(shortened(each, length)) for each in shown)}{rest}.", ""]


def shortened(text: str, length: int | None) -> str:
    """Return a text at most so long."""
    return text if length is None or len(text) <= length else f"{text[: length - 1]}…"


def by_weight(preview: Preview) -> list[StackPreview]:
    """Return the stacks that have something to tell: those with problems first, then by name."""
    return sorted((each for each in preview.stacks if each.changes), key=lambda each: (not each.problems, each.stack))


def section(stack: StackPreview, most: int | None = None) -> str:
    """Return one stack's part, with at most so many rows in each of its tables."""
    why = f": {code(stack.why)}" if stack.why else ""
    lines = ["<details>", f"<summary><b><code>{escape(stack.stack)}</code></b></summary>", ""]
    if not stack.problems:
        lines += [f"{made_with(stack)}{why}.", ""]
    for part in parts(stack):
        lines += [f"**{part.title}** ({len(part.rows)})", "", *_rows(part, most), ""]
    if stack.known_warnings:
        lines += [f"Warnings that the base has, too: {len(stack.known_warnings)}.", ""]
    return "\n".join([*lines, "</details>", ""])


def _rows(part: Part, most: int | None) -> list[str]:
    lines = table(part.header, ([code(cell) for cell in row] for row in part.rows[:most]))
    if most is not None and len(part.rows) > most:
        lines += ["", f"… and {len(part.rows) - most} more."]
    return lines
