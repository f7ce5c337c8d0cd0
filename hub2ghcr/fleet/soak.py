"""Watching the clusters of a wave for the time that its gate asks for."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from .. import cluster_access, plan
from ..cluster import Cluster
from ..errors import Hub2GhcrError, Unavailable
from .gates import Gate, Health, short, stuck
from .health import look
from .stop import Stop
from .tokens import with_tokens

EVERY: Final = 10.0
"""Seconds between two looks: a kubelet that was refused an image says so for at least as long."""
PATIENCE: Final = 30.0
"""Seconds for which Pods may be too few, or an API server silent, before it counts."""
JOBS: Final = 16
"""Stacks looked at at the same time."""

Told = Callable[[float, Mapping[str, Health]], object]
"""Hears, after each look, the seconds that are left and how every stack is that answered."""


@dataclass(frozen=True, slots=True)
class _Looked:
    """What one look found: what fails a stack at once, and what does if it lasts."""

    at_once: tuple[str, ...] = ()
    lasting: tuple[str, ...] = ()
    health: Health | None = None


def watch(
    stacks: Iterable[str],
    root: Path,
    gate: Gate,
    environ: Mapping[str, str],
    *,
    budget: int = 0,
    told: Told = lambda *_: None,
    over: Stop | None = None,
) -> dict[str, tuple[str, ...]]:
    """Look at stacks until the gate's time is over, and return those that it does not let through, with the reasons.

    One that makes no plan, or whose clusters nobody here can reach, fails before the first look. A pull error fails a
    stack at once. Too few Pods, or an API server that does not answer, fail it where they last
    for `PATIENCE`: a Pod that is moved to another node is no fault of the wave. Once more than ``budget`` stacks have
    failed nobody waits for the rest: the next wave will not begin.

    Args:
        stacks: the wave's.
        root: the project's folder.
        gate: what is asked of each.
        environ: may have the tokens of clusters that are reached by a URL; else the engine gives each stack's.
        budget: how many stacks may fail (default: none).
        told: hears how they are.
        over: once it is set nobody looks any more, and what has failed so far is returned (default: it never is).
    """
    over, names = over or Stop(), tuple(stacks)
    with ExitStack() as opened:
        pool = opened.enter_context(ThreadPoolExecutor(JOBS))
        patients, failed = _opened(names, root, environ, opened, pool)
        since: dict[str, float] = {}
        end = time.monotonic() + gate.soak

        def undecided() -> bool:
            return len(failed) <= budget and len(failed) < len(names)

        while not over.is_set() and undecided():
            begun = time.monotonic()
            left = [name for name in patients if name not in failed]
            found = dict(zip(left, pool.map(lambda name: _looked(gate, *patients[name]), left), strict=True))
            now = time.monotonic()
            for name, each in found.items():
                if not each.lasting:
                    since.pop(name, None)
                if each.at_once or (each.lasting and now - since.setdefault(name, now) >= PATIENCE):
                    failed[name] = (*each.at_once, *each.lasting)
                    since.pop(name, None)
            told(max(end - now, 0.0), {name: each.health for name, each in found.items() if each.health})
            if now >= end and not since:
                break
            if undecided():
                until = begun + EVERY if now >= end else min(begun + EVERY, end)
                over.wait(max(until - time.monotonic(), 0.0))
    return dict(sorted(failed.items()))


def _looked(gate: Gate, planned: plan.Plan, clusters: Mapping[str, Cluster]) -> _Looked:
    try:
        health = look(planned, clusters)
    except Unavailable as away:
        return _Looked(lasting=away.lines)
    except Hub2GhcrError as error:
        return _Looked(at_once=error.lines)
    return _Looked(stuck(gate, health), short(gate, health), health)


def _opened(
    stacks: Sequence[str],
    root: Path,
    environ: Mapping[str, str],
    opened: ExitStack,
    pool: ThreadPoolExecutor,
) -> tuple[dict[str, tuple[plan.Plan, Mapping[str, Cluster]]], dict[str, tuple[str, ...]]]:
    """Return what of each stack is looked at, and why nobody can look at the others."""

    def known(stack: str) -> tuple[plan.Plan, Mapping[str, str]] | Hub2GhcrError:
        try:
            planned = plan.of_stack(stack, root).plan
            return planned, with_tokens(planned, stack, root, environ)
        except Hub2GhcrError as error:
            return error

    found: dict[str, tuple[plan.Plan, Mapping[str, Cluster]]] = {}
    failed: dict[str, tuple[str, ...]] = {}
    for stack, each in zip(stacks, pool.map(known, stacks), strict=True):
        try:
            if isinstance(each, Hub2GhcrError):
                raise each
            planned, env = each
            found[stack] = planned, cluster_access.clusters(planned, env, opened)
        except Hub2GhcrError as error:
            failed[stack] = error.lines
    return found, failed
