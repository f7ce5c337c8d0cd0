"""The guard of one cluster, as a resource: an admission policy and its bindings, and no seal on what is not sealed yet.

A resource of ours, since a way back lifts the guard before the engine would come to it
(`hub2ghcr.guarding.unguarding`): every run looks at what is there, and brings back what is not as it should be.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pulumi
from pulumi.dynamic import Resource

from hub2ghcr.guarding import policy as guarding
from hub2ghcr.plan import Guard as Planned
from hub2ghcr.plan import Reach

from .live_provider import LiveProvider

_KINDS = ("ValidatingAdmissionPolicyBinding", "ValidatingAdmissionPolicy")


class GuardProvider(LiveProvider):
    """Applies the policy, then its bindings; takes away what is not wanted any more."""

    identity = ("cluster", "name")
    compared = ("audit", "deny", "exceptions", "aliases")

    def write(self, props: dict[str, Any]) -> None:
        """Guard, unless a namespace that is to be sealed still runs images from Docker Hub."""
        from hub2ghcr.errors import raise_all
        from hub2ghcr.guarding.sealing import unsealed

        from .cluster_access import cluster

        reached = cluster(props)
        raise_all(unsealed(reached, props["deny"], props["exceptions"], props["aliases"]))
        wanted = list(_documents(props))
        for document in wanted:
            reached.apply(document, manager="hub2ghcr", force=True)
        self._remove(props, [document["metadata"]["name"] for document in wanted])

    def stands(self, props: dict[str, Any]) -> bool:
        """Look at the policy and each of its bindings."""
        from hub2ghcr.switching.patching import as_live

        from .cluster_access import cluster

        for document in _documents(props):
            live = cluster(props).get(guarding.API, document["kind"], "", document["metadata"]["name"])
            if live is None or as_live(document["spec"], live["spec"]) != document["spec"]:
                return False
        return True

    def delete(self, _id: str, props: dict[str, Any]) -> None:
        """Take the guard away."""
        self._remove(props, ())

    def _remove(self, props: dict[str, Any], kept: Sequence[str]) -> None:
        from .cluster_access import cluster

        for kind in _KINDS:
            for name in (props["name"], guarding.audit_name(props["name"]), guarding.deny_name(props["name"])):
                if name not in kept:
                    cluster(props).delete(guarding.API, kind, "", name)


class Guard(Resource, module="hub2ghcr", name="Guard"):
    """Images from Docker Hub, audited in some namespaces and denied in others, from the moment that these run none."""

    def __init__(
        self,
        name: str,
        *,
        cluster: str,
        reach: Reach,
        guard: Planned,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        from .cluster_access import reaching

        props = {
            **reaching(cluster, reach),
            "name": guard.name,
            "audit": list(guard.audit),
            "deny": list(guard.deny),
            "exceptions": list(guard.exceptions),
            "aliases": list(guard.aliases),
        }
        super().__init__(GuardProvider(), name, props, opts)


def _documents(props: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    name, audit, deny = props["name"], props["audit"], props["deny"]
    if audit or deny:
        yield guarding.policy(name, props["exceptions"], props["aliases"])
    if audit:
        yield guarding.binding(guarding.audit_name(name), name, ("Audit", "Warn"), audit)
    if deny:
        yield guarding.binding(guarding.deny_name(name), name, ("Deny",), deny)
