"""The pull Secret of one project of Rancher's, in its backing namespace; the copies are Rancher's own business.

A resource of ours, since the backing namespace is Rancher's to tell, in a cluster that is often another one. No value
is in its state: a new token is seen by a look at the Secret.
"""

from typing import Any

import pulumi
from pulumi.dynamic import ReadResult, Resource

from hub2ghcr.plan import Reach
from hub2ghcr.platforms.rancher.registries import ProjectSecret as Planned
from hub2ghcr.platforms.rancher.registries import Rancher

from .live_provider import LiveProvider


class ProjectSecretProvider(LiveProvider):
    """Writes the Secret, and looks at copies that are lost, too."""

    identity = ("cluster", "project", "name")
    # after the new one is written, taking the old one away could take that: a backing namespace that is named
    # now may be the one that was found before
    fixed = ("backingNamespace",)
    compared = ("credentials", "namespaces")

    def write(self, props: dict[str, Any]) -> dict[str, str]:
        """Write it, unless somebody else has one of its name; anew where a copy is lost: Rancher copies it again."""
        from hub2ghcr.platforms.rancher.writing import lost, stands, write

        from .cluster_access import cluster, management
        from .registry_access import credentials

        reached, backing, planned = management(props), _backing(props), _planned(props)
        opened = credentials(props["credentials"])
        again = stands(reached, backing, planned, opened, props["manager"]) and bool(lost(cluster(props), planned))
        return {"version": write(reached, backing, planned, opened, props["manager"], again)}

    def stands(self, props: dict[str, Any]) -> bool:
        """Look at values that are not as they should be, and at copies that are lost."""
        from hub2ghcr.platforms.rancher.writing import lost, stands

        from .cluster_access import cluster, management
        from .registry_access import credentials

        planned, opened = _planned(props), credentials(props["credentials"])
        if not stands(management(props), _backing(props), planned, opened, props["manager"]):
            return False
        return not lost(cluster(props), planned)

    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        """Look whether it is there; one that is lost is none, so that the next run writes it."""
        from hub2ghcr.platforms.rancher.backing import known

        from .cluster_access import management

        reached, there = management(props), not props["credentials"]
        if not there and known(reached, _planned(props).project):
            there = reached.get("v1", "Secret", _backing(props), props["name"]) is not None
        return ReadResult(id_ if there else "", dict(props) if there else {})

    def delete(self, _id: str, props: dict[str, Any]) -> None:
        """Take it away; Rancher takes its copies away. It went with a project that is gone."""
        from hub2ghcr.platforms.rancher.backing import known
        from hub2ghcr.platforms.rancher.writing import remove

        from .cluster_access import management

        reached, planned = management(props), _planned(props)
        if known(reached, planned.project):
            remove(reached, _backing(props), planned, props["manager"])


class ProjectSecret(Resource, module="hub2ghcr", name="ProjectSecret"):
    """The Secret of one project; ``version`` changes whenever it is written otherwise."""

    version: pulumi.Output[str]

    def __init__(
        self,
        name: str,
        *,
        cluster: str,
        reach: Reach,
        rancher: Rancher,
        secret: Planned,
        manager: str,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        from .cluster_access import managing, reaching

        props = {
            **reaching(cluster, reach),
            **managing(rancher),
            "project": str(secret.project),
            "name": secret.name,
            "backingNamespace": secret.backing_namespace,
            "credentials": dict(secret.credentials),
            "namespaces": sorted(secret.namespaces),
            "manager": manager,
            "version": None,
        }
        super().__init__(ProjectSecretProvider(), name, props, opts)


def _planned(props: dict[str, Any]) -> Planned:
    from hub2ghcr.platforms.rancher.project import Project

    project = Project.parse(props["project"])
    return Planned(project, props["name"], props["credentials"], tuple(props["namespaces"]))


def _backing(props: dict[str, Any]) -> str:
    from hub2ghcr.platforms.rancher.backing import backing_namespace

    from .cluster_access import management

    return backing_namespace(management(props), _planned(props).project, props["backingNamespace"])
