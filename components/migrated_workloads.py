"""The workloads of one namespace, on their new images."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import pulumi

from hub2ghcr.plan import Workload

from . import kubernetes_object


@dataclass
class MigratedWorkloadsArgs:
    """The documents, and by its target every image copy that one of them waits for."""

    workloads: tuple[Workload, ...]
    mirrors: Mapping[str, pulumi.Resource] = field(default_factory=dict)


class MigratedWorkloads(pulumi.ComponentResource):
    """One namespace's documents. Each waits for the copies of its own images alone, whatever else is copied meanwhile.

    Its image strings are plain values of the plan, so a preview shows the very references that will be applied.
    """

    def __init__(self, name: str, args: MigratedWorkloadsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("hub2ghcr:index:MigratedWorkloads", name, {}, opts)
        # a child's own dependencies are what orders deletion, too: the engine knows none from component to child
        after = pulumi.ResourceOptions(parent=self, depends_on=opts.depends_on if opts else None)
        self.workloads = {
            f"{each.kind}/{each.name}": kubernetes_object.declare(
                f"{name}/{each.kind}/{each.name}",
                each.document,
                patch=each.delivery == "patch",
                opts=pulumi.ResourceOptions.merge(after, _copies(each, args.mirrors)),
            )
            for each in args.workloads
        }
        self.register_outputs({})


def _copies(workload: Workload, mirrors: Mapping[str, pulumi.Resource]) -> pulumi.ResourceOptions:
    return pulumi.ResourceOptions(depends_on=[mirrors[target] for target in workload.copies if target in mirrors])
