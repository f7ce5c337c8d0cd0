"""The roll-out of what was switched, as a resource: it ends when all of it runs, or fails as soon as something cannot.

The engine's own wait would take ten minutes to notice an image that cannot be pulled, and has nothing to say of it.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pulumi
from pulumi.dynamic import CreateResult, DiffResult, ReadResult, Resource, UpdateResult

from hub2ghcr.plan import Reach

from .provider_process import ReferencedProvider, reference_moved

if TYPE_CHECKING:
    from hub2ghcr.switching.watching import Watched


@dataclass(frozen=True)
class RollingOut:
    """One workload, the images of its containers, and what changes whenever it is written to (empty: it was not)."""

    namespace: str
    api_version: str
    kind: str
    name: str
    images: Mapping[str, str] = field(default_factory=dict)
    mark: pulumi.Input[str] = ""

    @property
    def key(self) -> str:
        """What it is called in its cluster."""
        return f"{self.namespace}/{self.kind}/{self.name}"


class RollOutProvider(ReferencedProvider):
    """Watches what was written to since the last time that all had rolled out."""

    def diff(self, _id: str, olds: dict[str, Any], news: dict[str, Any]) -> DiffResult:
        """Compare the marks."""
        changed = reference_moved(olds, news) or any(olds.get(key) != news.get(key) for key in ("workloads", "marks"))
        return DiffResult(changes=changed)

    def create(self, props: dict[str, Any]) -> CreateResult:
        """Watch all that was written to."""
        return CreateResult(props["cluster"], _watched(props, {}))

    def update(self, _id: str, olds: dict[str, Any], news: dict[str, Any]) -> UpdateResult:
        """Watch what was written to since."""
        return UpdateResult(_watched(news, olds.get("marks") or {}))

    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        """Change nothing: that it rolled out once stays true."""
        return ReadResult(id_, dict(props))


class RollOut(Resource, module="hub2ghcr", name="RollOut"):
    """Workloads of one cluster, rolled out within ``seconds``; ``notes`` tell of those that keep old Pods.

    Under ``digests`` runtimes may know their images, besides what the workloads name.
    """

    notes: pulumi.Output[list[str]]

    def __init__(
        self,
        name: str,
        *,
        cluster: str,
        reach: Reach,
        workloads: Sequence[RollingOut],
        seconds: int,
        digests: Collection[str] = (),
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        from .cluster_access import reaching

        watched = {each.key: {"apiVersion": each.api_version, "images": dict(each.images)} for each in workloads}
        props = {
            **reaching(cluster, reach),
            # one text: the images stand in the workloads already, and are not taken apart once more for the engine
            "workloads": json.dumps(watched, sort_keys=True),
            "marks": {each.key: each.mark for each in workloads},
            "seconds": seconds,
            "digests": sorted(digests),
            "notes": None,
        }
        super().__init__(RollOutProvider(), name, props, opts)
        self.notes.apply(_tell)


def _tell(lines: Sequence[str] | None) -> None:
    for each in lines or ():
        pulumi.log.info(each)


def _watched(props: Mapping[str, Any], before: Mapping[str, str]) -> dict[str, Any]:
    from hub2ghcr.switching.watching import watch_all

    from .cluster_access import cluster

    chosen = _written(props, before)
    told = watch_all(cluster(props), chosen, float(props["seconds"])) if chosen else {}
    notes = [f"{namespace}: {title}: {why}" for namespace in told for title, why in sorted(told[namespace].items())]
    return {**props, "notes": notes}


def _written(props: Mapping[str, Any], before: Mapping[str, str]) -> "dict[str, list[Watched]]":
    """Return what was written to since the last time that all had rolled out, by namespace."""
    from hub2ghcr.switching.watching import Watched

    from .workload_patch import written

    found: dict[str, list[Watched]] = {}
    digests = frozenset(props.get("digests") or ())
    for key, each in json.loads(props["workloads"]).items():
        mark = props["marks"].get(key)
        if mark and mark != before.get(key):
            namespace, kind, name = key.split("/", 2)
            fresh = written(f"{props['cluster']}/{key}")
            watched = Watched(each["apiVersion"], kind, name, each["images"], fresh, digests)
            found.setdefault(namespace, []).append(watched)
    return found
