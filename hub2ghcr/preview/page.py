"""A preview as one HTML file: all of it, however long."""

from __future__ import annotations

from .. import pages
from ..amounts import size_of
from .markdown import by_weight
from .nouns import Preview
from .parts import COUNTED, counted, headline, made_with, parts


def page(preview: Preview) -> str:
    """Return the page: the same bytes for the same preview."""
    loud = [each for each in preview.stacks if each.changes]
    return pages.page(
        __package__,
        "preview.html",
        preview=preview,
        headline=headline(preview),
        tiles=_tiles(preview),
        counted=(COUNTED, [counted(each) for each in loud]),
        stacks=[(each, made_with(each), tuple(parts(each))) for each in by_weight(preview)],
        numbers={each.stack: number for number, each in enumerate(loud, 1)},
        quiet=[each.stack for each in preview.stacks if not each.changes],
    )


def _tiles(preview: Preview) -> list[tuple[str, str, str]]:
    changing = sum(each.changes for each in preview.stacks)
    broken = sum(bool(each.problems) for each in preview.stacks)
    return [
        ("stacks that change", f"{changing}", f"of {len(preview.stacks)}"),
        ("stacks with problems", f"{broken}", ""),
        ("images to copy", f"{len(preview.copies)}", f"at most {size_of(preview.bytes)}"),
        ("pulls of Docker Hub's allowance", f"{preview.pulls}", "at most"),
    ]
