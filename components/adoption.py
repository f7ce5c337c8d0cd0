"""The entry of what others have applied, before the engine imports it (docs/adr/0008)."""

from collections.abc import Sequence
from typing import Any

import pulumi
from pulumi.dynamic import CreateResult, DiffResult, ReadResult, Resource, UpdateResult

from hub2ghcr.owning import own_manager
from hub2ghcr.plan import Reach, Workload

from .provider_process import ReferencedProvider, reference_moved


class AdoptionProvider(ReferencedProvider):
    """Acts when an object comes that was not adopted before."""

    def diff(self, _id: str, olds: dict[str, Any], news: dict[str, Any]) -> DiffResult:
        """Compare the objects; how the cluster is reached is no part of it."""
        return DiffResult(changes=reference_moved(olds, news) or olds.get("objects") != news["objects"])

    def create(self, props: dict[str, Any]) -> CreateResult:
        """Let kubectl go of all of them."""
        _let_go(props, [])
        return CreateResult(f"{props['cluster']}/{props['namespace']}", dict(props))

    def update(self, _id: str, olds: dict[str, Any], news: dict[str, Any]) -> UpdateResult:
        """Let kubectl go of those that come."""
        _let_go(news, olds.get("objects") or [])
        return UpdateResult(dict(news))

    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        """Change nothing: what entered once has entered."""
        return ReadResult(id_, dict(props))


class Adoption(Resource, module="hub2ghcr", name="Adoption"):
    """Workloads of one namespace, of which what their manifests do not say stays; whatever takes them over waits."""

    def __init__(
        self,
        name: str,
        *,
        cluster: str,
        reach: Reach,
        namespace: str,
        workloads: Sequence[Workload],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        from .cluster_access import reaching

        objects = [{"apiVersion": each.api_version, "kind": each.kind, "name": each.name} for each in workloads]
        props = {
            **reaching(cluster, reach),
            "namespace": namespace,
            "objects": objects,
            "manager": own_manager(pulumi.get_stack()),
        }
        super().__init__(AdoptionProvider(), name, props, opts)


def _let_go(props: dict[str, Any], entered: list[dict[str, str]]) -> None:
    from hub2ghcr.errors import Hub2GhcrError, raise_all
    from hub2ghcr.switching.adopting import let_go

    from .cluster_access import cluster

    problems: list[Hub2GhcrError] = []
    for each in props["objects"]:
        if each not in entered:
            try:
                key = (each["apiVersion"], each["kind"], props["namespace"], each["name"])
                let_go(cluster(props), key, props["manager"])
            except Hub2GhcrError as error:
                problems.append(error)
    raise_all(problems)
