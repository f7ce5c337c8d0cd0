"""How one run of the engine goes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from ..plan import Plan
from .large import SAVED, environment, large, moves_on_github
from .state import State


@dataclass(frozen=True, slots=True)
class RunOptions:
    """How one run goes.

    ``continue_on_error``: what does not depend on a failure goes on. ``environment``: what the engine's process gets
    besides ours (its switches, never a secret). ``only``: patterns of the URNs that the run is limited to; of all, if
    empty.
    """

    continue_on_error: bool = False
    environment: Mapping[str, str] = field(default_factory=dict)
    only: tuple[str, ...] = ()


def options(plan: Plan) -> RunOptions:
    """Return how a run of this plan goes.

    With ``onUnready: skip`` anywhere one failure does not stop the rest; the state of a large stack is saved once.
    """
    namespaces = [namespace for cluster in plan.clusters for namespace in cluster.namespaces]
    return RunOptions(any(each.on_unready == "skip" for each in namespaces), environment() if large(plan) else {})


def runs(plan: Plan, state: Callable[[], State]) -> tuple[RunOptions, ...]:
    """Return the runs that apply a plan, one after the other: one, or two where it is large and GitHub comes first.

    Args:
        plan: what is applied.
        state: gives the stack's state; it is asked only where it matters.
    """
    usual = options(plan)
    if not large(plan) or not moves_on_github(plan, state()):
        return (usual,)
    return (replace(usual, environment={}, only=SAVED), usual)
