"""What a preview cannot know of a step, in words: a promise that has exceptions names them.

The rules are those of the components: what of ours looks at a live object before it decides (``components/drift.py``),
and what is only known when a resource before it has run.
"""

from __future__ import annotations

from typing import Any, Final

from ..plan import Plan
from .changed_paths import given_by_the_run

COMPARED: Final = "what of the live object it changes is compared when it is written"
INVENTORIED: Final = "the inventory stands for the cluster: what was changed there since the last run is not seen"
IMPORTED: Final = "the run imports it: this preview asks no cluster, and shows it as created"

_PATCHES: Final = frozenset({"ServiceAccountEntry", "WorkloadPatch"})
"""Types that write fields of an object that somebody else made."""
_LOOKING: Final = frozenset(
    {
        "GlobalPullSecret",
        "Guard",
        "MirrorSets",
        "NodeRegistryMirror",
        "ProjectSecret",
        "RollOut",
        "ServiceAccountEntry",
        "WayBack",
        "WorkloadPatch",
    }
)
"""Types that look at the cluster before they say that nothing changes, and the one that follows what they write."""
_COMES: Final = frozenset({"create", "create-replacement"})


class Unsure:
    """What previews of one plan cannot know."""

    def __init__(self, plan: Plan) -> None:
        self._inventoried = {each.name for each in plan.clusters if each.inventoried}
        self._adopted = {
            f"{cluster.name}/{namespace.name}/{each.kind}/{each.name}"
            for cluster in plan.clusters
            for namespace in cluster.namespaces
            for each in namespace.workloads
            if each.adopt
        }

    def of(self, kind: str, name: str, operation: str, inputs: Any) -> str:
        """Return why a step is not sure, empty if it is.

        Args:
            kind: the last part of the resource's type token.
            name: of the resource.
            operation: the engine's word.
            inputs: as the event has them.
        """
        seen_nowhere = name.partition("/")[0] in self._inventoried
        why = []
        if operation in _COMES:
            if kind in _PATCHES:
                why.append(COMPARED)
            if seen_nowhere and name in self._adopted:
                why.append(IMPORTED)
        elif seen_nowhere and kind in _LOOKING and operation == "same":
            why.append(INVENTORIED)
        elif operation != "delete" and (given := sorted(given_by_the_run(inputs))):
            why.append(f"only the run gives {', '.join(given)}")
        return "; ".join(why)
