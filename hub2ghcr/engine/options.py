"""How one run of the engine goes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ..plan import Plan


@dataclass(frozen=True, slots=True)
class RunOptions:
    """How one run goes.

    ``continue_on_error``: what does not depend on a failure goes on. ``environment``: what the engine's process gets
    besides ours (its switches, never a secret).
    """

    continue_on_error: bool = False
    environment: Mapping[str, str] = field(default_factory=dict)


def options(plan: Plan) -> RunOptions:
    """Return how a run of this plan goes: with ``onUnready: skip`` anywhere, one failure does not stop the rest."""
    namespaces = [namespace for cluster in plan.clusters for namespace in cluster.namespaces]
    return RunOptions(any(each.on_unready == "skip" for each in namespaces))
