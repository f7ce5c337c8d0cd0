"""The registry credentials of Rancher's projects in one cluster."""

from typing import Any

import pulumi

from hub2ghcr.owning import PROJECT
from hub2ghcr.plan import Cluster, Namespace

from . import kubernetes_object
from .project_secret import ProjectSecret


class ProjectRegistries:
    """The Secret of each project that the settings name; nothing where they name none.

    Rancher copies each to all namespaces of its project, those that come later, too; in these no Secret of ours is.
    """

    def __init__(self, name: str, cluster: Cluster, opts: pulumi.ResourceOptions) -> None:
        self._rancher = cluster.rancher
        self.secrets: dict[str, ProjectSecret] = {}
        if cluster.rancher is None:
            return
        for each in cluster.rancher.projects:
            kept = pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(retain_on_delete=each.keep or None))
            self.secrets[str(each.project)] = ProjectSecret(
                f"{name}/{each.project.cluster}/{each.project.name}",
                cluster=cluster.name,
                reach=cluster.reach,
                rancher=cluster.rancher,
                secret=each,
                manager=kubernetes_object.own_manager(),
                opts=kept,
            )

    def secret_of(self, namespace: Namespace) -> ProjectSecret | None:
        """Return the Secret whose copy a namespace pulls with, None where it has one of its own."""
        return self.secrets.get(namespace.pull_secret.project) if namespace.pull_secret else None

    def annotations(self, namespace: Namespace) -> dict[str, Any]:
        """Return what the metadata of a namespace that is made has besides, to be in its project from the first."""
        found = self._rancher.creates(namespace.name) if self._rancher else None
        return {"annotations": {PROJECT: str(found.project)}} if found else {}
