"""The report at the end of a run: what ran when, by the ledger; nobody is asked for it."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from ..fleet.nouns import Fleet


def checked(file: str | None) -> None:
    """Refuse a file that could not be written before anything runs."""
    from .report import form_of

    if file is None:
        return
    form_of(file)
    if not os.access(Path(file).absolute().parent, os.W_OK):
        raise click.UsageError(f"{file}: its folder is not there, or cannot be written to")


def reported(file: str, fleet: Fleet, root: Path) -> None:
    """Write the report. Where that fails it is told, and the exit code stays the run's."""
    from ..errors import Hub2GhcrError
    from ..fleet.remembered import history
    from ..report import fleet_report, written
    from .report import form_of, write

    try:
        write(file, written(fleet_report(history(root), datetime.now(UTC), fleet), form_of(file)))
    except Hub2GhcrError as error:
        for each in error.lines:
            click.echo(f"error: {each}", err=True)
