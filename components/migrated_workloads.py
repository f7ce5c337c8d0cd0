"""The workloads of one namespace on the images of its phase, after the way back and before their roll-out."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import pulumi

from hub2ghcr.plan import Cluster, Namespace, Workload
from hub2ghcr.switching.rollout import images_of

from . import kubernetes_object, made_anew
from .adoption import Adoption
from .drift import foreseen
from .pull_check import PullCheck
from .roll_out import RollingOut
from .way_back import WayBack
from .workload_patch import WorkloadPatch

STAYS = "of a workload that is imported, what the preview takes away (-) and its manifest does not say stays"
FORESEEN = "a workload that is adopted is imported by the run; this preview asks no cluster, and shows it as created"
"""What a preview cannot show: it holds the manifest against all that is live, and server-side apply does not."""


@dataclass
class MigratedWorkloadsArgs:
    """A namespace of a cluster; by its target every image copy, and what its workloads wait for besides (``before``).

    ``ready`` is the proof that a workload's images can be pulled, by ``KIND/NAME``; it waits for all the rest.
    """

    cluster: Cluster
    namespace: Namespace
    mirrors: Mapping[str, pulumi.Resource] = field(default_factory=dict)
    before: Sequence[pulumi.Resource] = ()
    ready: Mapping[str, PullCheck] = field(default_factory=dict)
    rollback: Literal["checked", "forced"] = "checked"


class MigratedWorkloads:
    """One namespace's workloads. Each waits for the copies of its own images alone, whatever else is copied meanwhile.

    No component: one for each of hundreds of namespaces would cost as much as the workloads of some.

    Its image strings are plain values of the plan, so a preview shows the very references that will be applied.
    ``watched`` are those whose roll-out is to be watched, each with its resource.
    """

    def __init__(self, name: str, args: MigratedWorkloadsArgs, opts: pulumi.ResourceOptions) -> None:
        self._name, self._args, self._opts = name, args, opts
        self._before = [*args.before, *self._way_back()]
        self._adopted = list(self._adoption())
        self.workloads = {f"{each.kind}/{each.name}": self._declare(each) for each in args.namespace.workloads}
        self.watched = [
            (self._rolling_out(each, resource), resource)
            for each, resource in zip(args.namespace.workloads, self.workloads.values(), strict=True)
            if images_of(each.document)
        ]

    def _way_back(self) -> Iterator[WayBack]:
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
            opts=self._after(self._args.before),
        )
        way_back.obstacles.apply(_warn)
        yield way_back

    def _adoption(self) -> Iterator[Adoption]:
        cluster, namespace = self._args.cluster, self._args.namespace
        if adopted := [each for each in namespace.workloads if each.adopt]:
            if pulumi.runtime.is_dry_run():
                pulumi.log.info(f"{self._name}: {FORESEEN if foreseen(cluster.inventoried) else STAYS}")
            yield Adoption(
                self._name,
                cluster=cluster.name,
                reach=cluster.reach,
                namespace=namespace.name,
                workloads=adopted,
                opts=self._after(self._before),
            )

    def _declare(self, workload: Workload) -> pulumi.CustomResource:
        key = f"{workload.kind}/{workload.name}"
        name, cluster, mirrors = f"{self._name}/{key}", self._args.cluster, self._args.mirrors
        ready = self._args.ready.get(key)
        # the proof waits for all the rest itself: to say so at every workload is a good part of what one costs
        before = [ready] if ready else [*self._before, *(mirrors[each] for each in workload.copies if each in mirrors)]
        opts = self._after([*before, *(self._adopted if workload.adopt else ())])
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
            foreseen=foreseen(cluster.inventoried),
            recreate=workload.recreate,
            formerly=f"MigratedWorkloads::{self._name}",
            unseen=workload.recreate and made_anew.refused(cluster, workload.document, kubernetes_object.own_manager()),
            opts=pulumi.ResourceOptions.merge(opts, kept),
        )

    def _after(self, before: Sequence[pulumi.Resource]) -> pulumi.ResourceOptions:
        return pulumi.ResourceOptions.merge(self._opts, pulumi.ResourceOptions(depends_on=list(before)))

    def _rolling_out(self, workload: Workload, resource: pulumi.CustomResource) -> RollingOut:
        images = images_of(workload.document)
        return RollingOut(
            self._args.namespace.name, workload.api_version, workload.kind, workload.name, images, _mark(resource)
        )


def _warn(lines: Sequence[str] | None) -> None:
    for each in lines or ():
        pulumi.log.warn(each)


def _mark(resource: pulumi.CustomResource) -> pulumi.Output[str]:
    """Return what changes whenever the object is written to."""
    if isinstance(resource, WorkloadPatch):
        return resource.mark
    metadata: pulumi.Output[Any] = resource.metadata  # type: ignore[attr-defined]
    return metadata.apply(lambda found: f"{found.get('uid', '')}/{found.get('generation', 0)}")
