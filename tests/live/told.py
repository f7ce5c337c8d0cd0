"""What a run prints."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

from tests.live.fact import Finding, Verdict
from tests.live.facts import UNPROBED
from tests.live.settings import PREFIX, VARIABLES

_STYLES: Final[Mapping[Verdict, str]] = {
    "same": "green",
    "differs": "bold red",
    "unchecked": "dim",
    "unreachable": "red",
}


def needs() -> str:
    """What to set, and what a run makes, deletes and costs."""
    rows = [
        (PREFIX + each.name, f"{each.meaning}{f' (default: {each.default})' if each.default else ''}")
        for each in VARIABLES
    ]
    width = max(len(name) for name, _ in rows)
    needed = sum(each.default is None for each in VARIABLES)
    lines = [f"  {name:{width}}  {meaning}" for name, meaning in rows]
    return "\n".join(
        (
            "Set in the environment:",
            *lines[:needed],
            "",
            "and, if you like:",
            *lines[needed:],
            "",
            "A run makes the packages REPOSITORY, REPOSITORY/nested and, with a source repository, REPOSITORY/linked",
            "of that owner: private, a few bytes each, some 20 MB of uploads in all. It deletes and restores",
            "REPOSITORY/nested, and in the end deletes all three; GitHub keeps what is deleted for 30 days. It refuses",
            "to start where one of them exists. On Docker Hub it makes nothing, and spends six anonymous pulls of",
            "this address. GHCR and Docker Hub each see one login with a made-up password.",
        )
    )


def table(findings: Sequence[Finding], removed: Sequence[str], console: Console) -> None:
    """Print a run as a table, then what is open, what became of the packages, and the sum."""
    shown = Table("fact", "assumed", "observed", "", "played by", box=None, pad_edge=False)
    for each in findings:
        style = _STYLES[each.verdict]
        cells = (
            each.fact.name,
            " or ".join(each.fact.assumed),
            each.observed,
            each.verdict,
            each.fact.stand_in or "not played",
        )
        shown.add_row(*(Text(cell, style if place in (2, 3) else "") for place, cell in enumerate(cells)))
    console.print(shown)
    console.print("\nNot asked for:", *(f"  {what}: {why}" for what, why in UNPROBED), sep="\n", markup=False)
    console.print("", *(removed or ("nothing to remove",)), sep="\n", markup=False)
    counts = Counter(each.verdict for each in findings)
    console.print("\n" + ", ".join(f"{counts[verdict]} {verdict}" for verdict in _STYLES if counts[verdict]))


def as_json(findings: Sequence[Finding], removed: Sequence[str]) -> str:
    """A run as JSON: ``facts``, ``unprobed`` and ``removed``."""
    return json.dumps(
        {
            "facts": [
                {
                    "name": each.fact.name,
                    "meaning": each.fact.meaning,
                    "assumed": list(each.fact.assumed),
                    "observed": each.observed,
                    "verdict": each.verdict,
                    "stand_in": each.fact.stand_in,
                }
                for each in findings
            ],
            "unprobed": [{"meaning": what, "reason": why} for what, why in UNPROBED],
            "removed": list(removed),
        },
        indent=2,
    )
