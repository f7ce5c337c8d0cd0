"""The combinations that a job's ``strategy.matrix`` runs."""

from __future__ import annotations

from itertools import islice, product
from typing import Final

from ..source import ListNode, MapNode, Node, Scalar

MOST: Final = 256
"""Combinations that are read; GitHub runs no more."""

Combination = dict[str, Node]


def combinations(job: MapNode) -> list[Combination]:
    """Return what ``matrix`` holds in each run of a job; an empty one where nothing says it."""
    strategy = job.get("strategy")
    matrix = strategy.get("matrix") if isinstance(strategy, MapNode) else None
    if not isinstance(matrix, MapNode):
        return [{}]
    axes = {
        key.value: node.items
        for key, node in matrix.items
        if isinstance(node, ListNode) and key.value not in ("include", "exclude")
    }
    found: list[Combination] = (
        [dict(zip(axes, values, strict=True)) for values in islice(product(*axes.values()), MOST)] if axes else []
    )
    original = [dict(each) for each in found]
    include = matrix.get("include")
    for item in include.items if isinstance(include, ListNode) else ():
        if not isinstance(item, MapNode):
            continue
        added = {key.value: node for key, node in item.items}
        fits = [
            number
            for number, known in enumerate(original)
            if all(_same(known[key], node) for key, node in added.items() if key in known)
        ]
        for number in fits:
            found[number] |= {key: node for key, node in added.items() if key not in original[number]}
        if not fits:
            found.append(added)
    return found or [{}]


def _same(one: Node, other: Node) -> bool:
    return isinstance(one, Scalar) and isinstance(other, Scalar) and one.value == other.value
