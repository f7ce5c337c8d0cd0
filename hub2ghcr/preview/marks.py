"""Texts in Markdown such that nothing in them means anything.

What a preview says may come from a stranger's pull request: a name may hold a link, an image, HTML, a mention of
people, the mark of our own comment. In a code span none of it is read: GitHub Flavored Markdown, 6.3 (code spans) and
4.10 (a pipe ends a cell even there, unless a backslash stands before it).
"""

from __future__ import annotations

import re
from typing import Final

MOST_TICKS: Final = 8
"""Backticks in a row that are shown. GitHub's reader gives up at more than 80 and reads what follows as Markdown."""

_TICKS: Final = re.compile(r"`+")
_MANY_TICKS: Final = re.compile(f"`{{{MOST_TICKS + 1},}}")


def code(text: str) -> str:
    """Return a text as a code span, for a line or a cell; empty where there is none.

    >>> code("nginx:1.27"), code("`")
    ('`nginx:1.27`', '`` ` ``')
    """
    text = " ".join(text.split())
    if not text:
        return ""
    # A backslash before a pipe would itself be taken for escaped; nothing of ours has one
    text = text.replace("\\|", "¦").replace("|", "\\|")
    text = _MANY_TICKS.sub("…", text)
    ticks = "`" * (1 + max((len(each) for each in _TICKS.findall(text)), default=0))
    pad = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{ticks}{pad}{text}{pad}{ticks}"
