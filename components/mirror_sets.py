"""The mirror sets of an OpenShift cluster, as one resource: those that a phase has, and none that it has not."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import pulumi
from pulumi.dynamic import Resource

from hub2ghcr.plan import Reach
from hub2ghcr.platforms.openshift import MirrorRule

from .live_provider import LiveProvider


class MirrorSetsProvider(LiveProvider):
    """Applies the sets whole, and takes away those of ours that are not wanted any more."""

    identity = ("cluster", "name")
    fixed = ("stack",)
    compared = ("sets", "rules", "policy")

    def write(self, props: dict[str, Any]) -> None:
        """Apply."""
        from hub2ghcr.platforms.openshift import mirror_sets

        from .cluster_access import cluster

        mirror_sets.apply(cluster(props), *_said(props))

    def stands(self, props: dict[str, Any]) -> bool:
        """Look at both kinds."""
        from hub2ghcr.platforms.openshift import mirror_sets

        from .cluster_access import cluster

        return mirror_sets.stand(cluster(props), *_said(props))

    def delete(self, _id: str, props: dict[str, Any]) -> None:
        """Take ours away."""
        from hub2ghcr.platforms.openshift import mirror_sets

        from .cluster_access import cluster

        mirror_sets.remove(cluster(props), props["name"], props["stack"], ("digest", "tag"))


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
