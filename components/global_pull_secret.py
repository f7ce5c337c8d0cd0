"""Our entries in the pull secret of all nodes of an OpenShift cluster; values come from the stack's configuration.

The state names credentials and holds no value: that a token changed is seen by looking at the cluster.
"""

from collections.abc import Mapping
from typing import Any

import pulumi
from pulumi.dynamic import CreateResult, DiffResult, ReadResult, Resource, UpdateResult

from hub2ghcr.plan import Reach

from .provider_process import ReferencedProvider, reference_moved

_WHERE = ("cluster", "stack")


class GlobalPullSecretProvider(ReferencedProvider):
    """Merges and takes out; every step can be repeated."""

    def diff(self, _id: str, olds: dict[str, Any], news: dict[str, Any]) -> DiffResult:
        """Compare, and look whether the cluster has what the stack's credentials are now."""
        from .drift import drifted

        replaces = [key for key in _WHERE if olds.get(key) != news[key]]
        changed = bool(replaces) or reference_moved(olds, news) or olds.get("credentials") != news["credentials"]
        return DiffResult(
            changes=changed or drifted(news, lambda: not self._stands(news)),
            replaces=replaces,
            delete_before_replace=True,
        )

    def create(self, props: dict[str, Any]) -> CreateResult:
        """Merge."""
        self._write(props)
        return CreateResult(f"{props['cluster']}/{props['stack']}", dict(props))

    def update(self, _id: str, _olds: dict[str, Any], news: dict[str, Any]) -> UpdateResult:
        """Merge what is wanted now; entries that are not any more go."""
        self._write(news)
        return UpdateResult(dict(news))

    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        """Change nothing: the next run looks at what is there."""
        return ReadResult(id_, dict(props))

    def delete(self, _id: str, props: dict[str, Any]) -> None:
        """Take out our entries."""
        from hub2ghcr.platforms.openshift import global_pull_secret

        from .cluster_access import cluster

        global_pull_secret.remove(cluster(props), props["stack"])

    def _write(self, props: dict[str, Any]) -> None:
        from hub2ghcr.platforms.openshift import global_pull_secret

        from .cluster_access import cluster

        global_pull_secret.write(cluster(props), props["stack"], _opened(props))

    def _stands(self, props: dict[str, Any]) -> bool:
        from hub2ghcr.platforms.openshift import global_pull_secret

        from .cluster_access import cluster

        return global_pull_secret.stands(cluster(props), props["stack"], _opened(props))


class GlobalPullSecret(Resource, module="hub2ghcr", name="GlobalPullSecret"):
    """``credentials`` are names by registry host; our entries go when the resource does, unless that is retained."""

    def __init__(
        self,
        name: str,
        *,
        cluster: str,
        reach: Reach,
        stack: str,
        credentials: Mapping[str, str],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        from .cluster_access import reaching

        props = {**reaching(cluster, reach), "stack": stack, "credentials": dict(credentials)}
        super().__init__(GlobalPullSecretProvider(), name, props, opts)


def _opened(props: dict[str, Any]) -> dict[str, Any]:
    from .registry_access import credential

    return {host: credential(name) for host, name in props["credentials"].items()}
