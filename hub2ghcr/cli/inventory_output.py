"""What ``hub2ghcr inventory`` shows: a line for each namespace and each change, or JSON."""

from __future__ import annotations

import io
import json
from typing import Final, Literal

from ..inventory import Inventory, NamespaceFacts, changes, data, stale
from ..inventory.stack import Stock

SCHEMA: Final = 1
"""The version of the JSON output."""


def shown(output: Literal["table", "json"], taken: Stock, before: Inventory, place: str, *, written: bool) -> str:
    """Return what was learnt, what changed since ``before``, and whether ``place`` was written."""
    changed, old = changes(before, taken.inventory), stale(before, taken.inventory)
    if output == "json":
        found = {
            "version": SCHEMA,
            "file": place,
            "written": written,
            "changes": list(changed),
            "stale": list(old),
            "notes": list(taken.notes),
            **data(taken.inventory),
        }
        return json.dumps(found, indent=2)
    lines = [f"{'plans depend on it' if each in old else 'changed'}: {each}" for each in changed]
    end = "written" if written else "not written: it is not what the clusters hold" if changed else "unchanged"
    return "\n".join([*_table(taken.inventory), *lines, f"{place}: {end}"])


def _table(inventory: Inventory) -> list[str]:
    from rich.console import Console
    from rich.table import Table

    table = Table("cluster", "namespace", "workloads", "images", "running", "owners", box=None, pad_edge=False)
    for cluster in inventory.clusters:
        for each in cluster.namespaces:
            table.add_row(cluster.name, each.name, *_row(each))
    text = io.StringIO()
    Console(file=text, width=400).print(table)
    return [line.rstrip() for line in text.getvalue().splitlines()]


def _row(namespace: NamespaceFacts) -> tuple[str, ...]:
    images = {image.image for each in namespace.workloads for image in each.images}
    runs = {run for each in namespace.workloads for run in each.running}
    owners = sorted({each.owner for each in namespace.workloads if each.owner})
    named = ", ".join(owners[:3]) + (f" and {len(owners) - 3} more" if len(owners) > 3 else "")
    return str(len(namespace.workloads)), str(len(images)), str(len(runs)), named or "-"
