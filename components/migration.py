"""A whole stack as one component, for programs in any language of Pulumi's (docs/components.md, docs/adr/0013)."""

from typing import TypedDict

import pulumi

from hub2ghcr.errors import Hub2GhcrError

from .declaring import Declared, declare, planned, tell_skipped


class MigrationArgs(TypedDict):
    """Nothing: what moves stands in the stack's configuration, as for a program of ours."""


class Migration(pulumi.ComponentResource):
    """All that the keys `hub2ghcr:…` of the stack's configuration say: images, GitHub, clusters.

    Paths in them (manifests, the lock, the inventory, kubeconfigs) are relative to the program's folder.
    """

    phase: pulumi.Output[str]
    """The phase of the stack: `prepare`, `cutover` or `seal`."""
    images: pulumi.Output[dict[str, str]]
    """What stands for each locked source in GHCR, with its digest: for the workloads of your own program."""

    def __init__(self, name: str, args: MigrationArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("hub2ghcr:index:Migration", name, {}, opts)
        try:
            plan = planned()
        except Hub2GhcrError as error:
            raise pulumi.RunError("\n".join(error.lines)) from None
        found = declare(plan, self)
        self.phase = pulumi.Output.from_input(plan.phase)
        self.images = pulumi.Output.from_input(dict(found.images))
        # registers what it has to once all has ended; the SDK waits for every output that there is
        self._told: pulumi.Output[str] = pulumi.Output.from_input(self._tell(name, found))
        self.register_outputs({"phase": self.phase, "images": self.images})

    async def _tell(self, name: str, found: Declared) -> str:
        await tell_skipped(name, found.clusters, self)
        if found.unseen and not pulumi.runtime.is_dry_run():
            raise pulumi.RunError("\n".join(found.unseen))
        return ""
