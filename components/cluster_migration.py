"""One cluster: how it is reached, its namespaces, and the order between what is declared in it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import pulumi

from hub2ghcr.owning import MANAGED_BY, MANAGER
from hub2ghcr.plan import Cluster, Namespace, Pull, PullSecret
from hub2ghcr.switching.together import together

from . import kubernetes_object
from .cluster_provider import provider
from .expected_objects import ExpectedObjects
from .guard import Guard
from .kaniko_build import KanikoBuild, KanikoBuildArgs
from .migrated_workloads import MigratedWorkloads, MigratedWorkloadsArgs
from .node_registry_mirror import NodeRegistryMirror
from .openshift_registries import OpenShiftRegistries
from .project_registries import ProjectRegistries
from .pull_access import PullAccess, PullAccessArgs
from .pull_check import PullCheck
from .roll_out import RollingOut, RollOut

Watched = tuple[RollingOut, pulumi.CustomResource]
"""A workload whose roll-out is to be watched, and its resource."""


@dataclass
class ClusterMigrationArgs:
    """The cluster's part of the plan, and by its target every image copy that a workload waits for."""

    cluster: Cluster
    mirrors: Mapping[str, pulumi.Resource] = field(default_factory=dict)
    rollback: Literal["checked", "forced"] = "checked"


class ClusterMigration(pulumi.ComponentResource):
    """First the proof that the cluster is as the plan expects, last the guard.

    Between them in each namespace: pull access, the proof that it pulls, the way back, workloads, their roll-out.

    The provider's identity is the cluster's name, so that a new server URL, token or context replaces nothing.
    ``unready`` tells why a workload was skipped, by ``CLUSTER/NAMESPACE/KIND/NAME``.
    """

    def __init__(self, name: str, args: ClusterMigrationArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("hub2ghcr:index:ClusterMigration", name, {}, opts)
        self._args = args
        cluster = args.cluster
        self.provider = provider(name, cluster, pulumi.ResourceOptions(parent=self))
        self.expected = ExpectedObjects(
            name,
            cluster=cluster,
            manager=kubernetes_object.own_manager(),
            opts=pulumi.ResourceOptions(parent=self),
        )
        openshift = self._openshift(name)
        self._first: list[pulumi.Resource] = [self.expected, *(openshift.opened if openshift else ())]
        self._node_mirror(name)
        self._projects = ProjectRegistries(name, cluster, self._after([self.expected]))
        self._later: list[Callable[[list[pulumi.Resource]], object]] = []
        self.unready: dict[str, pulumi.Output[list[str]]] = {}
        self.rolled_out: list[pulumi.Resource] = [self.expected]
        self._watched: dict[str, list[Watched]] = {}
        for namespace in cluster.namespaces:
            self._declare(f"{name}/{namespace.name}", namespace)
        self.rolled_out += self._roll_outs(name)
        for declare in self._later:
            declare(self.rolled_out)
        if openshift:
            openshift.mirror([*self.rolled_out, *self._args.mirrors.values()])
        if cluster.guard:
            Guard(
                name,
                cluster=cluster.name,
                reach=cluster.reach,
                guard=cluster.guard,
                opts=pulumi.ResourceOptions(parent=self, depends_on=self.rolled_out),
            )
        self.register_outputs({})

    def _node_mirror(self, name: str) -> None:
        """Declare what nodes pull from GHCR under other names, once the copies are there."""
        cluster, mirror = self._args.cluster, self._args.cluster.node_mirror
        if mirror and mirror.active and mirror.delivery == "daemonset":
            after = pulumi.ResourceOptions(parent=self, depends_on=[self.expected, *self._args.mirrors.values()])
            NodeRegistryMirror(name, cluster=cluster.name, reach=cluster.reach, mirror=mirror, opts=after)

    def _declare(self, name: str, namespace: Namespace) -> None:
        """Declare a namespace, but for the roll-out of its workloads."""
        before = [*self._first]
        if namespace.create:
            before.append(self._namespace(name, namespace))
        access = self._pull_access(name, namespace, before)
        if access:
            before += [access.secret, *access.entries]
        if namespace.push_secret:
            before += self._push_access(name, namespace, namespace.push_secret, before)
        before += self._builds(name, namespace, before)
        ready: dict[str, PullCheck] = {}
        if namespace.runs_switched:
            ready = self._pull_checks(name, namespace, access, before)
        else:
            # after all that goes back: no image that cannot be pulled keeps anything from it
            self._later.append(lambda after: self._pull_checks(name, namespace, access, [*before, *after]))
        given = self._args
        args = MigratedWorkloadsArgs(given.cluster, namespace, given.mirrors, before, ready, given.rollback)
        watched = MigratedWorkloads(name, args, self._after(())).watched
        if namespace.on_unready == "skip":
            self.rolled_out += [self._roll_out(f"{given.cluster.name}/{each[0].key}", [each]) for each in watched]
        elif watched:
            self._watched[namespace.name] = watched

    def _openshift(self, name: str) -> OpenShiftRegistries | None:
        cluster = self._args.cluster
        if cluster.openshift is None:
            return None
        return OpenShiftRegistries(
            name,
            cluster=cluster.name,
            reach=cluster.reach,
            wanted=cluster.openshift,
            after=[self.expected],
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _roll_outs(self, name: str) -> Iterator[RollOut]:
        """Declare one for each namespace that moves as a whole, of many namespaces for some together."""
        for group in together(list(self._watched)):
            yield self._roll_out(f"{name}/{group[0]}", [each for one in group for each in self._watched[one]])

    def _roll_out(self, name: str, watched: Sequence[Watched]) -> RollOut:
        cluster = self._args.cluster
        names = {workload.namespace for workload, _ in watched}
        return RollOut(
            name,
            cluster=cluster.name,
            reach=cluster.reach,
            workloads=[workload for workload, _ in watched],
            seconds=max(each.roll_out_seconds for each in cluster.namespaces),
            digests={digest for each in cluster.namespaces if each.name in names for digest in each.digests},
            opts=pulumi.ResourceOptions(parent=self, depends_on=[resource for _, resource in watched]),
        )

    def _namespace(self, name: str, namespace: Namespace) -> pulumi.Resource:
        document = {
            "apiVersion": "v1",
            "kind": "Namespace",
            "metadata": {
                "name": namespace.name,
                "labels": {**namespace.labels, MANAGED_BY: MANAGER},
                **self._projects.annotations(namespace),
            },
        }
        # leaving keeps it: deleting a namespace would delete everything that others put there since
        opts = pulumi.ResourceOptions(
            parent=self, provider=self.provider, depends_on=[self.expected], retain_on_delete=True
        )
        return kubernetes_object.declare(name, document, opts=opts)

    def _builds(self, name: str, namespace: Namespace, before: Sequence[pulumi.Resource]) -> list[pulumi.Resource]:
        """Declare what is built before any workload of the namespace needs it."""
        cluster = self._args.cluster
        return [
            KanikoBuild(
                f"{name}/{each.name}",
                KanikoBuildArgs(cluster.name, cluster.reach, namespace.name, each),
                self._after(before),
            )
            for each in namespace.builds
        ]

    def _pull_access(self, name: str, namespace: Namespace, before: Sequence[pulumi.Resource]) -> PullAccess | None:
        if namespace.pull_secret is None:
            return None
        cluster = self._args.cluster
        access = PullAccessArgs(
            cluster.name,
            cluster.reach,
            namespace.name,
            namespace.pull_secret,
            namespace.service_accounts,
            keep=namespace.runs_switched,
            builders=namespace.builders,
            copied_from=self._projects.secret_of(namespace),
        )
        return PullAccess(name, access, self._after(before))

    def _push_access(
        self, name: str, namespace: Namespace, secret: PullSecret, before: Sequence[pulumi.Resource]
    ) -> list[pulumi.Resource]:
        """Declare the Secret that existing builds mount to push with."""
        cluster = self._args.cluster
        args = PullAccessArgs(cluster.name, cluster.reach, namespace.name, secret, keep=namespace.runs_switched)
        return PullAccess(f"{name}/push", args, self._after(before)).granted

    def _pull_checks(
        self, name: str, namespace: Namespace, access: PullAccess | None, before: Sequence[pulumi.Resource]
    ) -> dict[str, PullCheck]:
        """Declare the proof that images can be pulled: one for the namespace, or one for each that moves (``skip``)."""
        switched = {f"{each.kind}/{each.name}": each for each in namespace.workloads if each.switched}
        if not (namespace.pulls or access):
            return {}
        if namespace.on_unready == "hold" or not namespace.runs_switched or not namespace.pulls:
            # of a Secret that opens nothing yet it is still proven that it is as it was written
            check = self._pull_check(name, namespace, namespace.pulls, tuple(switched), access, before)
            return dict.fromkeys(switched, check)
        found: dict[str, PullCheck] = {}
        for key, workload in switched.items():
            if pulls := [each for each in namespace.pulls if each.target in workload.pulls]:
                # an object of the engine's own cannot be kept back: what it waits for has to fail
                skips = workload.delivery == "patch"
                found[key] = self._pull_check(f"{name}/{key}", namespace, pulls, (key,), access, before, skips)
                if skips:
                    self.unready[f"{name}/{key}"] = found[key].unready
        return found

    def _pull_check(
        self,
        name: str,
        namespace: Namespace,
        pulls: Sequence[Pull],
        switches: Sequence[str],
        access: PullAccess | None,
        before: Sequence[pulumi.Resource],
        skips: bool = False,
    ) -> PullCheck:
        secret, mirrors = namespace.pull_secret, self._args.mirrors
        return PullCheck(
            name,
            cluster=self._args.cluster.name,
            reach=self._args.cluster.reach,
            namespace=namespace.name,
            images=pulls,
            switches=switches,
            secret=secret.name if secret else None,
            secret_version=access.secret_version if access else None,
            credentials={host: each.name for host, each in secret.credentials.items()} if secret else None,
            project=secret.project if secret else "",
            skips=skips,
            opts=pulumi.ResourceOptions(
                parent=self, depends_on=[*before, *(mirrors[each.target] for each in pulls if each.target in mirrors)]
            ),
        )

    def _after(self, before: Sequence[pulumi.Resource]) -> pulumi.ResourceOptions:
        return pulumi.ResourceOptions(parent=self, providers={"kubernetes": self.provider}, depends_on=list(before))
