"""The keys below ``clusters[].rancher``: how Rancher is reached, and the projects that have registry credentials."""

from __future__ import annotations

from typing import Annotated, Final

from pydantic import Field

from .fields import Model, Name, Namespace, ObjectName, Pull, ServerUrl, Text, matching

PROJECT_SECRET: Final = "hub2ghcr-project"
"""The name of a project's pull Secret, unless ``secretName`` says otherwise: not that of a namespace's own."""

_PART: Final = r"[a-z0-9](?:[-a-z0-9]*[a-z0-9])?"
ProjectId = Annotated[str, matching(f"{_PART}:{_PART}", "a project's ID such as c-abc12:p-xyz34")]


class ProjectSettings(Model):
    """One project: what its Secret opens (None: what the cluster's ``pull`` says), and what the Secret is called.

    ``namespaces`` are those of the stack that are in the project; an inventory knows them, too, and new ones need no
    mention. ``backingNamespace`` is where Rancher keeps what belongs to the project (None: Rancher is asked).
    """

    pull: Pull | None = None
    secretName: ObjectName = PROJECT_SECRET
    backingNamespace: Namespace | None = None
    namespaces: tuple[Namespace, ...] = ()


class RancherSettings(Model):
    """How the cluster is reached that Rancher runs in, as a cluster is, and the projects by their IDs.

    Nothing of the former: Rancher runs in the very cluster (which it calls ``local``).
    """

    kubeconfig: Text | None = None
    context: Text | None = None
    server: ServerUrl | None = None
    token: Name | None = None
    certificateAuthority: Text | None = None
    projects: Annotated[dict[ProjectId, ProjectSettings], Field(min_length=1)]

    @property
    def elsewhere(self) -> bool:
        """Whether Rancher runs in another cluster."""
        return any((self.kubeconfig, self.context, self.server, self.token, self.certificateAuthority))
