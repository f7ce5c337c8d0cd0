"""Watching the clusters of a wave for the time that its gate asks for."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from .. import cluster_access, plan
from ..cluster import Cluster
from ..errors import Hub2GhcrError, Unavailable, raise_all
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

    A pull error fails a stack at once. Too few Pods, or an API server that does not answer, fail it where they last
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

    Raises:
        Problems: stacks that make no plan, or clusters that nobody here can reach, before the first look.
    """
    over = over or Stop()
    with ExitStack() as opened:
        pool = opened.enter_context(ThreadPoolExecutor(JOBS))
        patients = _opened(stacks, root, environ, opened, pool)
        failed: dict[str, tuple[str, ...]] = {}
        since: dict[str, float] = {}
        end = time.monotonic() + gate.soak
        while not over.is_set():
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
            if len(failed) > budget or (now >= end and not since):
                break
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
    stacks: Iterable[str],
    root: Path,
    environ: Mapping[str, str],
    opened: ExitStack,
    pool: ThreadPoolExecutor,
) -> dict[str, tuple[plan.Plan, Mapping[str, Cluster]]]:
    def known(stack: str) -> tuple[str, plan.Plan, Mapping[str, str]] | Hub2GhcrError:
        try:
            planned = plan.of_stack(stack, root).plan
            return stack, planned, with_tokens(planned, stack, root, environ)
        except Hub2GhcrError as error:
            return error.at(f"stack {stack}")

    found: dict[str, tuple[plan.Plan, Mapping[str, Cluster]]] = {}
    problems: list[Hub2GhcrError] = []
    for each in pool.map(known, stacks):
        if isinstance(each, Hub2GhcrError):
            problems.append(each)
            continue
        stack, planned, env = each
        try:
            found[stack] = planned, cluster_access.clusters(planned, env, opened)
        except Hub2GhcrError as error:
            problems.append(error.at(f"stack {stack}"))
    raise_all(problems)
    return found
