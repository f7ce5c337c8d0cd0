"""One cluster: how it is reached, its namespaces, and the order between what is declared in it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import pulumi

from hub2ghcr.plan import Cluster, Namespace

from . import kubernetes_object
from .cluster_provider import provider
from .expected_objects import ExpectedObject, ExpectedObjects
from .migrated_workloads import MigratedWorkloads, MigratedWorkloadsArgs
from .pull_access import PullAccess, PullAccessArgs


@dataclass
class ClusterMigrationArgs:
    """The cluster's part of the plan, and by its target every image copy that a workload waits for."""

    cluster: Cluster
    mirrors: Mapping[str, pulumi.Resource] = field(default_factory=dict)


class ClusterMigration(pulumi.ComponentResource):
    """Namespaces, then pull access, then workloads, each after the proof that the cluster is as the plan expects.

    The provider's identity is the cluster's name, so that a new server URL, token or context replaces nothing.
    """

    def __init__(self, name: str, args: ClusterMigrationArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("hub2ghcr:index:ClusterMigration", name, {}, opts)
        cluster = args.cluster
        self.provider = provider(name, cluster, pulumi.ResourceOptions(parent=self))
        self.expected = ExpectedObjects(
            name,
            cluster=cluster.name,
            kubeconfig=getattr(cluster.reach, "path", ""),
            context=getattr(cluster.reach, "context", ""),
            manager=kubernetes_object.own_manager(),
            objects=[each for namespace in cluster.namespaces for each in _expected(namespace)],
            opts=pulumi.ResourceOptions(parent=self),
        )
        for namespace in cluster.namespaces:
            self._declare(f"{name}/{namespace.name}", namespace, args.mirrors)
        self.register_outputs({})

    def _declare(self, name: str, namespace: Namespace, mirrors: Mapping[str, pulumi.Resource]) -> None:
        before: list[pulumi.Resource] = [self.expected]
        if namespace.create:
            before.append(self._namespace(name, namespace.name))
        if namespace.pull_secret:
            access = PullAccessArgs(
                namespace.name,
                namespace.pull_secret.name,
                dict(namespace.pull_secret.credentials),
                keep=any(each.delivery == "patch" for each in namespace.workloads),
            )
            before.append(PullAccess(name, access, self._after(before)))
        MigratedWorkloads(name, MigratedWorkloadsArgs(namespace.workloads, mirrors), self._after(before))

    def _namespace(self, name: str, namespace: str) -> pulumi.Resource:
        document = {
            "apiVersion": "v1",
            "kind": "Namespace",
            "metadata": {"name": namespace, "labels": {kubernetes_object.LABEL: "hub2ghcr"}},
        }
        # leaving keeps it: deleting a namespace would delete everything that others put there since
        opts = pulumi.ResourceOptions(
            parent=self, provider=self.provider, depends_on=[self.expected], retain_on_delete=True
        )
        return kubernetes_object.declare(name, document, patch=False, opts=opts)

    def _after(self, before: list[pulumi.Resource]) -> pulumi.ResourceOptions:
        return pulumi.ResourceOptions(parent=self, providers={"kubernetes": self.provider}, depends_on=list(before))


def _expected(namespace: Namespace) -> Iterator[ExpectedObject]:
    name = namespace.name
    if namespace.create:
        yield ExpectedObject("v1", "Namespace", "", name, "own", f"set `create: false` of namespace {name}")
    else:
        yield ExpectedObject(
            "v1", "Namespace", "", name, "patch", f"create it, or set `create: true` of namespace {name}"
        )
    if namespace.pull_secret:
        secret = namespace.pull_secret.name
        yield ExpectedObject("v1", "Secret", name, secret, "own", "choose another `pullSecretName`, or delete it")
    for each in namespace.workloads:
        if each.delivery == "patch":
            remedy = "apply it first, or set `delivery: own`"
        else:
            remedy = "set `delivery: patch`"
        yield ExpectedObject(each.api_version, each.kind, name, each.name, each.delivery, remedy)
