"""A fleet's report as a page: at the end of a run from the ledger alone, or with what its stacks tell."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from ..pages import State, page
from .fleet_nouns import GATES, STANDS, FleetReport
from .fleet_wording import phases, places, summary
from .nouns import WHYS
from .stack_page import OPEN
from .wording import LEVELS, pulls, yes

ENDINGS: Final[Mapping[str, State]] = {
    "done": "good",
    "incomplete": "warn",
    "halted": "bad",
    "interrupted": "warn",
    "has not ended": "quiet",
}
"""What a run's ending looks like."""


def html(report: FleetReport) -> str:
    """Return the page: one file, which loads nothing."""
    return page(
        "hub2ghcr.report",
        "fleet.html",
        report=report,
        summary=summary(report),
        pulls=pulls(report.pulls),
        stands=STANDS,
        gates=GATES,
        endings=ENDINGS,
        levels=LEVELS,
        whys=WHYS,
        phases=phases,
        places=places,
        yes=yes,
        open=OPEN,
    )
