"""The state of an object, as far as a rule needs it: of a live one, or what a manifest makes of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

MIRROR: Final = "kubernetes.io/config.mirror"
"""The annotation by which a kubelet marks the mirror of a static Pod (Kubernetes API reference)."""


def state(obj: Mapping[str, Any]) -> Mapping[str, bool | int | str]:
    """Return what a rule may need to know of an object's state, see `WorkloadFacts.state`; sorted by name.

    In a manifest anything may stand: what is malformed says nothing.
    """
    spec, status = _mapping(obj.get("spec")), _mapping(obj.get("status"))
    strategy = _mapping(spec.get("strategy") or spec.get("updateStrategy"))
    kind, partition = strategy.get("type"), _mapping(strategy.get("rollingUpdate")).get("partition")
    found: dict[str, bool | int | str] = {
        "finished": _finished(str(obj.get("kind")), status),
        "mirror": is_mirror(obj),
        "partition": partition if isinstance(partition, int) and partition > 0 else 0,
        "paused": spec.get("paused") is True,
        "strategy": kind if isinstance(kind, str) and kind != "RollingUpdate" else "",
        "suspend": spec.get("suspend") is True,
    }
    there: dict[str, bool | int | str] = {name: value for name, value in found.items() if value}
    if spec.get("replicas") == 0:
        there["replicas"] = 0
    return dict(sorted(there.items()))


def is_mirror(obj: Mapping[str, Any]) -> bool:
    """Whether an object stands for a static Pod, which its kubelet runs from a file."""
    return MIRROR in _mapping(_mapping(obj.get("metadata")).get("annotations"))


def _finished(kind: str, status: Mapping[str, Any]) -> str:
    """Return how a Job or a Pod has ended, empty while it has not."""
    if kind == "Pod" and status.get("phase") in ("Succeeded", "Failed"):
        return str(status["phase"])
    if kind != "Job" or not isinstance(conditions := status.get("conditions"), list):
        return ""
    true = [_mapping(each).get("type") for each in conditions if _mapping(each).get("status") == "True"]
    return next((each for each in ("Complete", "Failed") if each in true), "")


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
