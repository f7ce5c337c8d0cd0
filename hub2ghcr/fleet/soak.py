"""Watching the clusters of a wave for the time that its gate asks for."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from .gates import Gate, Health

Told = Callable[[float, Mapping[str, Health]], object]
"""Hears, after each look, the seconds that are left and how every stack is that answered."""


def watch(
    stacks: Iterable[str],
    root: Path,
    gate: Gate,
    environ: Mapping[str, str],
    *,
    budget: int = 0,
    told: Told = lambda *_: None,
    over: threading.Event | None = None,
) -> dict[str, tuple[str, ...]]:
    """Look at stacks until the gate's time is over, and return those that it does not let through, with the reasons.

    A pull error fails a stack at once. Too few Pods, or an API server that does not answer, fail it where they last
    for `PATIENCE`: a Pod that is moved to another node is no fault of the wave. Once more than ``budget`` stacks have
    failed nobody waits for the rest: the next wave will not begin.

    Args:
        stacks: the wave's.
        root: the project's folder.
        gate: what is asked of each.
        environ: has the tokens of clusters that are reached by a URL.
        budget: how many stacks may fail (default: none).
        told: hears how they are.
        over: once it is set nobody looks any more, and what has failed so far is returned (default: it never is).

    Raises:
        Problems: stacks that make no plan, or clusters that nobody here can reach, before the first look.
    """
    raise NotImplementedError
