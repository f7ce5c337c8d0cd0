"""The mirror sets of an OpenShift cluster, as one resource: those that a phase has, and none that it has not."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import pulumi
from pulumi.dynamic import CreateResult, DiffResult, ReadResult, Resource, UpdateResult

from hub2ghcr.plan import Reach
from hub2ghcr.platforms.openshift import MirrorRule

from .provider_process import ReferencedProvider, reference_moved

_WHERE = ("cluster", "stack", "name")


class MirrorSetsProvider(ReferencedProvider):
    """Applies the sets whole, and takes away those of ours that are not wanted any more."""

    def diff(self, _id: str, olds: dict[str, Any], news: dict[str, Any]) -> DiffResult:
        """Compare, and look at the cluster."""
        from .drift import drifted

        replaces = [key for key in _WHERE if olds.get(key) != news[key]]
        changed = any(olds.get(key) != news[key] for key in ("sets", "rules", "policy"))
        changed = changed or bool(replaces) or reference_moved(olds, news)
        return DiffResult(
            changes=changed or drifted(news, lambda: not self._stand(news)),
            replaces=replaces,
            delete_before_replace=True,
        )

    def create(self, props: dict[str, Any]) -> CreateResult:
        """Apply."""
        self._apply(props)
        return CreateResult(f"{props['cluster']}/{props['name']}", dict(props))

    def update(self, _id: str, _olds: dict[str, Any], news: dict[str, Any]) -> UpdateResult:
        """Apply what is wanted now."""
        self._apply(news)
        return UpdateResult(dict(news))

    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        """Change nothing: the next run looks at what is there."""
        return ReadResult(id_, dict(props))

    def delete(self, _id: str, props: dict[str, Any]) -> None:
        """Take ours away."""
        from hub2ghcr.platforms.openshift import mirror_sets

        from .cluster_access import cluster

        mirror_sets.remove(cluster(props), props["name"], props["stack"], ("digest", "tag"))

    def _apply(self, props: dict[str, Any]) -> None:
        from hub2ghcr.platforms.openshift import mirror_sets

        from .cluster_access import cluster

        mirror_sets.apply(cluster(props), *_said(props))

    def _stand(self, props: dict[str, Any]) -> bool:
        from hub2ghcr.platforms.openshift import mirror_sets

        from .cluster_access import cluster

        return mirror_sets.stand(cluster(props), *_said(props))


class MirrorSets(Resource, module="hub2ghcr", name="MirrorSets"):
    """An ImageDigestMirrorSet, an ImageTagMirrorSet, or both, of one name; they go with the resource."""

    def __init__(
        self,
        name: str,
        *,
        cluster: str,
        reach: Reach,
        stack: str,
        called: str,
        sets: Sequence[str],
        rules: Sequence[MirrorRule],
        policy: str,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        from .cluster_access import reaching

        props = {
            **reaching(cluster, reach),
            "stack": stack,
            "name": called,
            "sets": list(sets),
            "rules": [asdict(each) for each in rules],
            "policy": policy,
        }
        super().__init__(MirrorSetsProvider(), name, props, opts)


def _said(props: dict[str, Any]) -> tuple[Any, ...]:
    rules = [MirrorRule(**each) for each in props["rules"]]
    return props["name"], props["stack"], props["sets"], rules, props["policy"]
