"""What holds for the nodes of a whole OpenShift cluster: its global pull secret, and its mirror sets."""

from collections.abc import Sequence

import pulumi

from hub2ghcr.plan import Reach
from hub2ghcr.platforms.openshift import OpenShift

from .global_pull_secret import GlobalPullSecret
from .mirror_sets import MirrorSets


class OpenShiftRegistries(pulumi.ComponentResource):
    """``after`` come the entries of the global pull secret, which workloads may pull with; last the mirrors.

    ``opened`` is what workloads wait for. Mirrors come when these run: nodes may be drained for them.
    """

    def __init__(
        self,
        name: str,
        *,
        cluster: str,
        reach: Reach,
        wanted: OpenShift,
        after: Sequence[pulumi.Resource],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("hub2ghcr:index:OpenShiftRegistries", name, {}, opts)
        self._name, self._cluster, self._reach, self._wanted = name, cluster, reach, wanted
        self.opened: list[pulumi.Resource] = []
        if wanted.merges:
            self.opened.append(
                GlobalPullSecret(
                    name,
                    cluster=cluster,
                    reach=reach,
                    stack=wanted.stack,
                    credentials={each.host: each.credential for each in wanted.opens},
                    opts=pulumi.ResourceOptions(
                        parent=self, depends_on=list(after), retain_on_delete=wanted.keep or None
                    ),
                )
            )
        self.register_outputs({})

    def mirror(self, after: Sequence[pulumi.Resource]) -> None:
        """Declare the mirrors, to come when ``after`` is done."""
        wanted = self._wanted
        if not wanted.sets:
            return
        MirrorSets(
            self._name,
            cluster=self._cluster,
            reach=self._reach,
            stack=wanted.stack,
            called=wanted.name,
            sets=wanted.sets if wanted.mirrored else (),
            rules=wanted.rules,
            policy=wanted.policy,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[*self.opened, *after]),
        )
