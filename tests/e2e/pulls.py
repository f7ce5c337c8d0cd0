"""Pulls that failed, told by the events of their Pods; apart from those before a kubelet could read the pull Secret."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from hub2ghcr.switching.rollout import forgiven


@dataclass(frozen=True)
class Failed:
    """What kubelets say of pulls that failed, an entry for each event.

    ``raced`` are those without the pull Secret, since the node was not yet allowed to read it: once for each container
    of a Pod, which then ran. All others ``count``.
    """

    counts: tuple[str, ...]
    raced: tuple[str, ...]


def failed(events: Iterable[Mapping[str, Any]], name: str = "") -> Failed:
    """Sort the failed pulls of images whose reference begins with ``name``; ``events`` are all of a namespace."""
    counts: list[str] = []
    raced: list[str] = []
    of_pods: dict[str, list[Mapping[str, Any]]] = {}
    for each in events:
        of_pods.setdefault(str(each["involvedObject"].get("uid")), []).append(each)
    for told in of_pods.values():
        found = [
            str(each["message"])
            for each in told
            if each["reason"] == "Failed" and str(each["message"]).startswith(f'Failed to pull image "{name}')
        ]
        ran = any(each["reason"] == "Started" for each in told)
        (raced if ran and forgiven(told) else counts).extend(found)
    return Failed(tuple(counts), tuple(raced))
