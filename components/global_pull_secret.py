"""Our entries in the pull secret of all nodes of an OpenShift cluster; values come from the stack's configuration.

The state names credentials and holds no value: that a token changed is seen by looking at the cluster.
"""

from collections.abc import Mapping
from typing import Any

import pulumi
from pulumi.dynamic import Resource

from hub2ghcr.plan import Reach

from .live_provider import LiveProvider


class GlobalPullSecretProvider(LiveProvider):
    """Merges and takes out."""

    identity = ("cluster", "stack")
    compared = ("credentials",)

    def write(self, props: dict[str, Any]) -> None:
        """Merge; entries that are not wanted any more go."""
        from hub2ghcr.platforms.openshift import global_pull_secret

        from .cluster_access import cluster
        from .registry_access import credentials

        global_pull_secret.write(cluster(props), props["stack"], credentials(props["credentials"]))

    def stands(self, props: dict[str, Any]) -> bool:
        """Look whether the cluster has what the stack's credentials are now."""
        from hub2ghcr.platforms.openshift import global_pull_secret

        from .cluster_access import cluster
        from .registry_access import credentials

        return global_pull_secret.stands(cluster(props), props["stack"], credentials(props["credentials"]))

    def delete(self, _id: str, props: dict[str, Any]) -> None:
        """Take out our entries."""
        from hub2ghcr.platforms.openshift import global_pull_secret

        from .cluster_access import cluster

        global_pull_secret.remove(cluster(props), props["stack"])


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
