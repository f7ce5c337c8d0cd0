"""What lives in a namespace and no manifest names, as the inventory has it."""

from __future__ import annotations

from collections.abc import Iterable

from ..inventory import NamespaceFacts
from ..manifests import Document
from ..places import Places
from .entry import Source


def live(facts: NamespaceFacts, named: Iterable[Document], place: str, places: Places) -> Source:
    """Return a namespace's workloads, reduced to what a plan needs of them.

    Custom resources are left out: of those the inventory has names alone.

    Args:
        facts: of the namespace.
        named: its documents that manifests have; they win.
        place: how errors name the inventory.
        places: rows that settings add to the table of places.
    """
    known = {(each.api_version, each.kind, each.name) for each in named}
    found = []
    for each in facts.workloads:
        if (each.api_version, each.kind, each.name) in known or not each.pod:
            continue
        where = f"{place}: {facts.name}: {each.kind} {each.name}"
        found.append(Document(where, each.api_version, each.kind, facts.name, each.name, each.document, places))
    return Source(place, "inventory", facts.name, (), "", tuple(found))
