"""The workloads of one namespace on the images of its phase, after the way back and before the roll-out."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import pulumi

from hub2ghcr.plan import Cluster, Namespace, Workload
from hub2ghcr.switching.rollout import images_of

from . import kubernetes_object
from .pull_check import PullCheck
from .roll_out import RollingOut, RollOut
from .way_back import WayBack
from .workload_patch import WorkloadPatch


@dataclass
class MigratedWorkloadsArgs:
    """A namespace of a cluster; by its target every image copy, and what each workload waits for besides.

    ``ready`` is the proof that a workload's images can be pulled, by ``KIND/NAME``.
    """

    cluster: Cluster
    namespace: Namespace
    mirrors: Mapping[str, pulumi.Resource] = field(default_factory=dict)
    ready: Mapping[str, PullCheck] = field(default_factory=dict)
    rollback: Literal["checked", "forced"] = "checked"


class MigratedWorkloads:
    """One namespace's workloads. Each waits for the copies of its own images alone, whatever else is copied meanwhile.

    No component: one for each of hundreds of namespaces would cost as much as the workloads of some.

    Its image strings are plain values of the plan, so a preview shows the very references that will be applied.
    ``rolled_out`` are the resources that end when all of them run.
    """

    def __init__(self, name: str, args: MigratedWorkloadsArgs, opts: pulumi.ResourceOptions) -> None:
        self._name, self._args, self._parent = name, args, opts.parent
        after = pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(depends_on=list(self._way_back(opts))))
        self.workloads = {f"{each.kind}/{each.name}": self._declare(each, after) for each in args.namespace.workloads}
        self.rolled_out = self._roll_outs()

    def _way_back(self, opts: pulumi.ResourceOptions) -> Iterator[WayBack]:
        """Declare it where something may have to go back: of a switched namespace there is none."""
        cluster, namespace = self._args.cluster, self._args.namespace
        moved = [each for each in namespace.workloads if not each.switched and each.was]
        if not moved:
            return
        secret = namespace.pull_secret
        way_back = WayBack(
            self._name,
            cluster=cluster.name,
            reach=cluster.reach,
            namespace=namespace.name,
            leaving=[(each.document, each.delivery == "patch") for each in moved],
            rollback=self._args.rollback,
            credentials={host: each.name for host, each in secret.credentials.items()} if secret else {},
            guard=cluster.guard.name if cluster.guard else "",
            inventoried=cluster.inventoried,
            opts=opts,
        )
        way_back.obstacles.apply(lambda lines: _told(pulumi.log.warn, lines))
        yield way_back

    def _declare(self, workload: Workload, after: pulumi.ResourceOptions) -> pulumi.CustomResource:
        key = f"{workload.kind}/{workload.name}"
        name, cluster, mirrors = f"{self._name}/{key}", self._args.cluster, self._args.mirrors
        own = [mirrors[target] for target in workload.copies if target in mirrors]
        ready = self._args.ready.get(key)
        opts = pulumi.ResourceOptions.merge(after, pulumi.ResourceOptions(depends_on=[*own, ready] if ready else own))
        if workload.delivery == "patch":
            return WorkloadPatch(
                name,
                cluster=cluster.name,
                reach=cluster.reach,
                document=workload.document,
                switched=workload.switched,
                take_from=cluster.take_from,
                recreate=workload.recreate,
                unready=ready.unready if ready and self._args.namespace.on_unready == "skip" else None,
                opts=opts,
            )
        # dropped from the settings and gone with the stack are one to the engine, and nothing that runs is deleted by
        # either; what may be made anew has to be, since its replacement takes its name
        stays = workload.adopt or kubernetes_object.keeps(workload.document) or not workload.recreate
        kept = pulumi.ResourceOptions(retain_on_delete=stays)
        return kubernetes_object.declare(
            name,
            workload.document,
            adopt=workload.adopt,
            recreate=workload.recreate,
            opts=pulumi.ResourceOptions.merge(opts, kept),
        )

    def _roll_outs(self) -> list[RollOut]:
        """Declare one for the namespace, or where workloads may move without each other one for each."""
        watched = [each for each in self._args.namespace.workloads if images_of(each.document)]
        if self._args.namespace.on_unready == "skip":
            return [self._roll_out(f"{self._name}/{each.kind}/{each.name}", [each]) for each in watched]
        return [self._roll_out(self._name, watched)] if watched else []

    def _roll_out(self, name: str, workloads: Sequence[Workload]) -> RollOut:
        cluster, namespace = self._args.cluster, self._args.namespace
        resources = [self.workloads[f"{each.kind}/{each.name}"] for each in workloads]
        found = RollOut(
            name,
            cluster=cluster.name,
            reach=cluster.reach,
            namespace=namespace.name,
            workloads=[
                RollingOut(each.api_version, each.kind, each.name, images_of(each.document), _mark(resource))
                for each, resource in zip(workloads, resources, strict=True)
            ],
            seconds=namespace.roll_out_seconds,
            opts=pulumi.ResourceOptions(parent=self._parent, depends_on=resources),
        )
        found.notes.apply(lambda lines: _told(pulumi.log.info, lines))
        return found


def _told(log: Callable[[str], None], lines: Sequence[str] | None) -> None:
    for each in lines or ():
        log(each)


def _mark(resource: pulumi.CustomResource) -> pulumi.Output[str]:
    """Return what changes whenever the object is written to."""
    if isinstance(resource, WorkloadPatch):
        return resource.mark
    metadata: pulumi.Output[Any] = resource.metadata  # type: ignore[attr-defined]
    return metadata.apply(lambda found: f"{found.get('uid', '')}/{found.get('generation', 0)}")
