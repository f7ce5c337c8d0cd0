"""Where each kind keeps its pod spec (Kubernetes API reference, "Workload Resources")."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

_TEMPLATE: Final = ("spec", "template", "spec")


@dataclass(frozen=True, slots=True)
class PodKind:
    """A kind that holds a pod spec at ``path``; ``fixed`` says which update of it the API server refuses, if any."""

    path: tuple[str, ...]
    fixed: str = ""


POD_KINDS: Final[Mapping[tuple[str, str], PodKind]] = {
    ("", "Pod"): PodKind(("spec",), "the pull Secrets of a Pod cannot be changed once it exists"),
    ("", "PodTemplate"): PodKind(("template", "spec")),
    ("", "ReplicationController"): PodKind(_TEMPLATE),
    ("apps", "ReplicaSet"): PodKind(_TEMPLATE),
    ("apps", "Deployment"): PodKind(_TEMPLATE),
    ("apps", "StatefulSet"): PodKind(_TEMPLATE),
    ("apps", "DaemonSet"): PodKind(_TEMPLATE),
    ("batch", "Job"): PodKind(_TEMPLATE, "the template of a Job cannot be changed once it exists"),
    ("batch", "CronJob"): PodKind(("spec", "jobTemplate", *_TEMPLATE)),
}
"""API group and kind -> where the pod spec is. Data: a kind more is a line more."""

CONTAINER_LISTS: Final = ("initContainers", "containers", "ephemeralContainers")


def pod_kind(data: Mapping[str, Any]) -> PodKind | None:
    """Return what is known about a document's kind, None when it holds no pod spec that we know of."""
    group, slash, _ = str(data.get("apiVersion")).rpartition("/")
    return POD_KINDS.get((group if slash else "", str(data.get("kind"))))


def pod_spec(data: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Return a document's pod spec, None when its kind has none or it is left out."""
    kind = pod_kind(data)
    if kind is None:
        return None
    found: Any = data
    for key in kind.path:
        found = found.get(key) if isinstance(found, Mapping) else None
    return found if isinstance(found, Mapping) else None
