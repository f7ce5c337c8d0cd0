"""A preview that fits where its length is bounded: the comment of a pull request, the summary of a job."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from . import markdown
from .marks import code
from .nouns import Preview, StackPreview

MARKER: Final = "<!-- hub2ghcr preview -->"
"""The first line of our comment, which nobody sees: by it the comment is found, and updated in place."""
LIMIT: Final = 64_000
"""Characters of a comment. GitHub refuses more than 65,536."""
SUMMARY_LIMIT: Final = 1_000_000
"""Bytes of a job's summary. GitHub refuses more than 1 MiB for a step."""
CUTS: Final = (None, 20, 3)
"""Rows of each table of a stack: all, and where that does not fit fewer."""
NAMES: Final = 100
"""Stacks that are named though nothing changes in them."""
NAME: Final = 60
"""Characters of such a name: it may be a stranger's."""

_TAIL: Final = 1_000
"""What is kept free for the line that says what was left out."""


def comment(preview: Preview, elsewhere: str = "the job's summary and the HTML report") -> str:
    """Return the one comment for the whole fleet, at most `LIMIT` characters long.

    Stacks with problems come first, then by name. A stack that does not fit is cut to some rows of each table
    (`CUTS`), or left out as a whole; the last line says of how many, and where they are.

    Args:
        preview: what is told.
        elsewhere: where all of it is, in Markdown of ours: never a text from the preview.
    """
    return _fitted([MARKER, *markdown.opening(preview)], preview, elsewhere, LIMIT, len)


def summary(preview: Preview) -> str:
    """Return the job's summary, at most `SUMMARY_LIMIT` bytes long."""
    return _fitted(markdown.opening(preview), preview, "the HTML report", SUMMARY_LIMIT, _bytes)


def _fitted(head: list[str], preview: Preview, elsewhere: str, limit: int, size: Callable[[str], int]) -> str:
    weighty = markdown.by_weight(preview)
    rows = _rows_that_fit(weighty, limit // 2, size)
    lines = [*head, *markdown.overview(rows), *markdown.unchanged(preview, NAMES, NAME)]
    if len(rows) < len(weighty):
        lines += [f"… and {len(weighty) - len(rows)} stacks more that change: see {elsewhere}.", ""]
    text = "\n".join(lines)
    left, cut = [], 0
    for stack in weighty:
        for most in CUTS:
            section = "\n" + markdown.section(stack, most)
            if size(text) + size(section) + _TAIL <= limit:
                text, cut = text + section, cut + (most is not None)
                break
        else:
            left.append(stack)
    return text.rstrip() + "\n" + _what_is_missing(left, cut, elsewhere)


def _rows_that_fit(stacks: list[StackPreview], limit: int, size: Callable[[str], int]) -> list[StackPreview]:
    if size("\n".join(markdown.overview(stacks))) <= limit:
        return stacks
    few, many = 0, len(stacks)
    while many - few > 1:
        middle = (few + many) // 2
        fits = size("\n".join(markdown.overview(stacks[:middle]))) <= limit
        few, many = (middle, many) if fits else (few, middle)
    return stacks[:few]


def _what_is_missing(left: list[StackPreview], cut: int, elsewhere: str) -> str:
    said = []
    if cut:
        said.append(f"{cut} with the first rows of their tables")
    if left:
        named = ", ".join(code(markdown.shortened(each.stack, NAME)) for each in left[:5])
        said.append(f"{len(left)} not at all ({named}{', …' if len(left) > 5 else ''})")
    return f"\nOf the stacks that change there are here {'; '.join(said)}: all is in {elsewhere}.\n" if said else ""


def _bytes(text: str) -> int:
    return len(text.encode())
