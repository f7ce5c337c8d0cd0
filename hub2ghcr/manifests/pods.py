"""Where each kind keeps its pod spec, told by the table of `hub2ghcr.places`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from ..places import BUILT_IN, Place
from ..places.rows import WORKLOADS


@dataclass(frozen=True, slots=True)
class PodKind:
    """A kind that holds a pod spec at ``path``; ``fixed`` says which update of it the API server refuses, if any.

    ``merges``: its lists of containers merge by name in a server-side apply. Those of custom resources need not.
    """

    path: tuple[str, ...]
    fixed: str = ""
    merges: bool = True


_FIXED: Final = {
    "Pod": "the pull Secrets of a Pod cannot be changed once it exists",
    "Job": "the template of a Job cannot be changed once it exists",
}


def _path(row: Place) -> tuple[str, ...]:
    return tuple(row.pods[0].split("."))


POD_KINDS: Final[Mapping[tuple[str, str], PodKind]] = {
    (row.group, row.kind): PodKind(_path(row), _FIXED.get(row.kind, "")) for row in WORKLOADS
}
"""API group and kind -> where the pod spec is, of Kubernetes' own kinds."""


def pod_kind(data: Mapping[str, Any]) -> PodKind | None:
    """Return what is known about a document's kind, None when it holds no pod spec that we know of, or several."""
    group, slash, _ = str(data.get("apiVersion")).rpartition("/")
    key = (group if slash else "", str(data.get("kind")))
    if key in POD_KINDS:
        return POD_KINDS[key]
    rows = [row for row in BUILT_IN.of(*key, "") if row.pods]
    single = len(rows) == 1 and len(rows[0].pods) == 1 and "*" not in rows[0].pods[0]
    return PodKind(_path(rows[0]), merges=False) if single else None


def pod_spec(data: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Return a document's pod spec, None when its kind has none or it is left out."""
    kind = pod_kind(data)
    if kind is None:
        return None
    found: Any = data
    for key in kind.path:
        found = found.get(key) if isinstance(found, Mapping) else None
    return found if isinstance(found, Mapping) else None
