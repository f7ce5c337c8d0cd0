"""The reports of a fleet's stacks, some at a time. A stack that cannot be planned ends nothing: its report says why."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from typing import Final

from .. import plan
from ..errors import Hub2GhcrError
from ..fleet.nouns import Fleet
from .fleet_making import Read
from .looking import look
from .making import report
from .seen import NOTHING

JOBS: Final = 4
"""Stacks looked at at the same time, each with threads of its own."""


def read(
    fleet: Fleet,
    root: Path,
    environ: Mapping[str, str],
    at: datetime,
    *,
    offline: bool = False,
    told: Callable[[int, int], object] = lambda *_: None,
) -> dict[str, Read]:
    """Return the report of each stack by name, or why it cannot be planned.

    Args:
        fleet: whose stacks.
        root: the project's folder.
        environ: as for `hub2ghcr.report.looking.look`.
        at: when.
        offline: nobody is asked.
        told: hears how many are done, and of how many.
    """

    def one(stack: str) -> Read:
        try:
            found = plan.of_stack(stack, root)
        except Hub2GhcrError as error:
            return error.lines
        return report(found.plan, NOTHING if offline else look(found, root, environ), at)

    stacks = [each.stack for each in fleet.clusters]
    found: dict[str, Read] = {}
    with ThreadPoolExecutor(JOBS) as pool:
        for stack, each in zip(stacks, pool.map(one, stacks), strict=True):
            found[stack] = each
            told(len(found), len(stacks))
    return found
