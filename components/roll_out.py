"""The roll-out of what was switched, as a resource: it ends when all of it runs, or fails as soon as something cannot.

The engine's own wait would take ten minutes to notice an image that cannot be pulled, and has nothing to say of it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pulumi
from pulumi.dynamic import CreateResult, DiffResult, ReadResult, Resource, UpdateResult

from hub2ghcr.plan import Reach

from .provider_process import ReferencedProvider, reference_moved


@dataclass(frozen=True)
class RollingOut:
    """One workload, the images of its containers, and what changes whenever it is written to (empty: it was not)."""

    api_version: str
    kind: str
    name: str
    images: Mapping[str, str] = field(default_factory=dict)
    mark: pulumi.Input[str] = ""


class RollOutProvider(ReferencedProvider):
    """Watches what was written to since the last time that all had rolled out."""

    def diff(self, _id: str, olds: dict[str, Any], news: dict[str, Any]) -> DiffResult:
        """Compare the marks."""
        changed = reference_moved(olds, news) or any(olds.get(key) != news.get(key) for key in ("workloads", "marks"))
        return DiffResult(changes=changed)

    def create(self, props: dict[str, Any]) -> CreateResult:
        """Watch all that was written to."""
        return CreateResult(f"{props['cluster']}/{props['namespace']}", _watched(props, {}))

    def update(self, _id: str, olds: dict[str, Any], news: dict[str, Any]) -> UpdateResult:
        """Watch what was written to since."""
        return UpdateResult(_watched(news, olds.get("marks") or {}))

    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        """Change nothing: that it rolled out once stays true."""
        return ReadResult(id_, dict(props))


class RollOut(Resource, module="hub2ghcr", name="RollOut"):
    """Workloads of one namespace, rolled out within ``seconds``; ``notes`` tell of those that keep old Pods."""

    notes: pulumi.Output[list[str]]

    def __init__(
        self,
        name: str,
        *,
        cluster: str,
        reach: Reach,
        namespace: str,
        workloads: Sequence[RollingOut],
        seconds: int,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        from .cluster_access import reaching

        props = {
            **reaching(cluster, reach),
            "namespace": namespace,
            "workloads": [
                {"apiVersion": each.api_version, "kind": each.kind, "name": each.name, "images": dict(each.images)}
                for each in workloads
            ],
            "marks": {f"{each.kind}/{each.name}": each.mark for each in workloads},
            "seconds": seconds,
            "notes": None,
        }
        super().__init__(RollOutProvider(), name, props, opts)


def _watched(props: Mapping[str, Any], before: Mapping[str, str]) -> dict[str, Any]:
    from hub2ghcr.switching.watching import Watched, watch

    from .cluster_access import cluster

    marks = props["marks"]
    written = {key for key, mark in marks.items() if mark and mark != before.get(key)}
    chosen = [
        Watched(each["apiVersion"], each["kind"], each["name"], each["images"])
        for each in props["workloads"]
        if f"{each['kind']}/{each['name']}" in written
    ]
    told = watch(cluster(props), props["namespace"], chosen, float(props["seconds"])) if chosen else {}
    return {**props, "notes": [f"{title}: {why}" for title, why in sorted(told.items())]}
