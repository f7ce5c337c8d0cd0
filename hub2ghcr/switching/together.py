"""Which namespaces of a large cluster are watched together while they roll out.

Every resource costs the engine as much as a workload does, and it waits for four of ours at a time: with one for each
namespace, those that roll out slowly would hold up all others. So neighbours in the order of their names share one: it
begins when the last of them is switched, seconds after the first.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from zlib import crc32

ALONE: Final = 8
"""Namespaces up to which each is watched by itself."""
ABOUT: Final = 32
"""Namespaces of a group, on an average."""


def together(namespaces: Sequence[str]) -> list[list[str]]:
    """Return groups of namespaces in their order.

    A namespace begins a group by its name alone: one that comes or goes changes its own group, and no other.

    >>> together(["a", "b"])
    [['a'], ['b']]
    """
    found: list[list[str]] = []
    for each in namespaces:
        begins = len(namespaces) <= ALONE or crc32(each.encode()) % ABOUT == 0
        if begins or not found:
            found.append([])
        found[-1].append(each)
    return found
