"""What the HTTP library logs, without what a log must not hold."""

from __future__ import annotations

import logging
from typing import Final

LIBRARY: Final = "urllib3.connectionpool"
"""Logs a line for each request, at DEBUG."""


def without_queries() -> None:
    """Leave the query of each URL out of the library's log: signed URLs and upload sessions are secrets."""
    logging.getLogger(LIBRARY).addFilter(_cut)  # adding the same filter again does nothing


def _cut(record: logging.LogRecord) -> bool:
    if isinstance(record.args, tuple):
        record.args = tuple(each.partition("?")[0] if isinstance(each, str) else each for each in record.args)
    return True
