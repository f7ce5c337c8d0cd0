"""What a cluster's nodes pull from GHCR under other names, as a resource: a DaemonSet that writes their ``hosts.toml``.

Its end is its own kind of step: every node takes back what it wrote before the DaemonSet goes (docs/adr/0010).
"""

import json
from typing import Any

import pulumi
from pulumi.dynamic import CreateResult, DiffResult, ReadResult, Resource, UpdateResult

from hub2ghcr.plan import NodeMirror, Reach

from .provider_process import ReferencedProvider, reference_moved

_WHERE = ("cluster", "namespace", "folder")


class NodeRegistryMirrorProvider(ReferencedProvider):
    """Applies the DaemonSet and waits for all nodes; takes it back the same way."""

    def diff(self, _id: str, olds: dict[str, Any], news: dict[str, Any]) -> DiffResult:
        """Compare, and look at the cluster; another folder is written once the old one is as it was."""
        from .drift import drifted

        replaces = [key for key in _WHERE if olds.get(key) != news[key]]
        changed = any(olds.get(key) != news[key] for key in ("write", "restore"))
        changed = changed or bool(replaces) or reference_moved(olds, news)
        return DiffResult(
            changes=changed or drifted(news, lambda: not self._stands(news)),
            replaces=replaces,
            delete_before_replace=True,
        )

    def create(self, props: dict[str, Any]) -> CreateResult:
        """Write on every node."""
        self._deliver(props)
        return CreateResult(f"{props['cluster']}/{props['namespace']}", dict(props))

    def update(self, _id: str, _olds: dict[str, Any], news: dict[str, Any]) -> UpdateResult:
        """Write what is wanted now, on every node."""
        self._deliver(news)
        return UpdateResult(dict(news))

    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        """Change nothing: the next run looks at what is there."""
        return ReadResult(id_, dict(props))

    def delete(self, _id: str, props: dict[str, Any]) -> None:
        """Restore what each node had, then take the DaemonSet away."""
        from hub2ghcr.platforms.containerd.delivering import take_back

        from .cluster_access import cluster

        take_back(cluster(props), json.loads(props["restore"]), float(props["seconds"]))

    def _deliver(self, props: dict[str, Any]) -> None:
        from hub2ghcr.platforms.containerd.delivering import deliver

        from .cluster_access import cluster

        deliver(cluster(props), json.loads(props["write"]), float(props["seconds"]))

    def _stands(self, props: dict[str, Any]) -> bool:
        from hub2ghcr.switching.patching import as_live

        from .cluster_access import cluster

        wanted = json.loads(props["write"])
        live = cluster(props).get("apps/v1", "DaemonSet", props["namespace"], wanted["metadata"]["name"])
        return live is not None and as_live(wanted["spec"], live["spec"]) == wanted["spec"]


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
