"""How scanning and rewriting end: notes, problems, and the exit code."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NoReturn

import click

from ..errors import Hub2GhcrError

OK, CHANGES, BROKEN = 0, 1, 2
"""Exit codes: done; --check found what would change; a file could not be understood, or wrong use."""


def finish(problems: Iterable[Hub2GhcrError], notes: Iterable[str] = (), code: int = OK) -> NoReturn:
    """Print notes and problems on stderr, one line each, and end; problems win over ``code``."""
    for note in sorted(set(notes)):
        click.echo(f"note: {note}", err=True)
    for problem in problems:
        for line in problem.lines:
            click.echo(f"error: {line}", err=True)
            code = BROKEN
    click.get_current_context().exit(code)
