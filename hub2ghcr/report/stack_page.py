"""A stack's report as a page."""

from __future__ import annotations

from itertools import groupby
from typing import Final

from ..pages import page
from .nouns import WAY, WHYS, Report
from .wording import LEVELS, pulls, summary, yes

OPEN: Final = 40
"""Rows up to which a cluster's namespaces, or the images, are shown without being asked for."""


def html(report: Report) -> str:
    """Return the page: one file, which loads nothing."""
    clusters = {name: list(rows) for name, rows in groupby(report.namespaces, key=lambda each: each.cluster)}
    return page(
        "hub2ghcr.report",
        "stack.html",
        report=report,
        summary=summary(report),
        pulls=pulls(report.pulls),
        namespaces=clusters,
        way_heads=list(WAY),
        whys=WHYS,
        levels=LEVELS,
        yes=yes,
        open=OPEN,
    )
