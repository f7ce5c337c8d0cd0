"""What a cluster's nodes pull from GHCR under other names, as a resource: a DaemonSet that writes their ``hosts.toml``.

Its end is its own kind of step: every node takes back what it wrote before the DaemonSet goes (docs/adr/0010).
"""

import json
from typing import Any

import pulumi
from pulumi.dynamic import Resource

from hub2ghcr.plan import NodeMirror, Reach

from .live_provider import LiveProvider


class NodeRegistryMirrorProvider(LiveProvider):
    """Applies the DaemonSet and waits for all nodes; takes it back the same way."""

    identity = ("cluster", "namespace")
    fixed = ("folder",)  # another one is written once the old one is as it was
    compared = ("write", "restore")

    def write(self, props: dict[str, Any]) -> None:
        """Write on every node."""
        from hub2ghcr.platforms.containerd.delivering import deliver

        from .cluster_access import cluster

        deliver(cluster(props), json.loads(props["write"]), float(props["seconds"]))

    def stands(self, props: dict[str, Any]) -> bool:
        """Look at the DaemonSet."""
        from hub2ghcr.switching.patching import as_live

        from .cluster_access import cluster

        wanted = json.loads(props["write"])
        live = cluster(props).get("apps/v1", "DaemonSet", props["namespace"], wanted["metadata"]["name"])
        return live is not None and as_live(wanted["spec"], live["spec"]) == wanted["spec"]

    def delete(self, _id: str, props: dict[str, Any]) -> None:
        """Restore what each node had, then take the DaemonSet away."""
        from hub2ghcr.platforms.containerd.delivering import take_back

        from .cluster_access import cluster

        take_back(cluster(props), json.loads(props["restore"]), float(props["seconds"]))


class NodeRegistryMirror(Resource, module="hub2ghcr", name="NodeRegistryMirror"):
    """Names of other registries, pulled from GHCR by every node of a cluster; no workload changes."""

    def __init__(
        self,
        name: str,
        *,
        cluster: str,
        reach: Reach,
        mirror: NodeMirror,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        from hub2ghcr.platforms.containerd.daemonset import restoring, writing

        from .cluster_access import reaching

        stack = pulumi.get_stack()
        props = {
            **reaching(cluster, reach),
            "namespace": mirror.namespace,
            "folder": mirror.folder,
            "seconds": mirror.seconds,
            # one text each: nothing of it is taken apart by the engine
            "write": json.dumps(writing(mirror, stack), sort_keys=True),
            "restore": json.dumps(restoring(mirror, stack), sort_keys=True),
        }
        super().__init__(NodeRegistryMirrorProvider(), name, props, opts)
