"""What a stack plans for the projects of one cluster."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass

from ...reach import Reach
from .project import Project


@dataclass(frozen=True, slots=True)
class ProjectSecret:
    """The pull Secret of one project.

    Attributes:
        project: whose it is.
        name: the Secret's, in the backing namespace and in every namespace of the project.
        credentials: registry host -> name of a credential.
        namespaces: of the project, as far as the stack migrates them; those with a Secret of their own are not here.
        created: those of them that the stack makes.
        backing_namespace: where it lies; empty: as the project says.
        keep: it stays when it leaves the stack: workloads that were switched pull with it.
    """

    project: Project
    name: str
    credentials: Mapping[str, str]
    namespaces: tuple[str, ...] = ()
    created: tuple[str, ...] = ()
    backing_namespace: str = ""
    keep: bool = False


@dataclass(frozen=True, slots=True)
class Rancher:
    """The projects of one cluster; ``management`` is how that is reached which Rancher runs in, None: that very one."""

    projects: tuple[ProjectSecret, ...]
    management: Reach | None = None

    def secret_of(self, namespace: str) -> ProjectSecret | None:
        """Return the Secret whose copy a namespace pulls with, None for none."""
        return next((each for each in self.projects if namespace in each.namespaces), None)

    def creates(self, namespace: str) -> ProjectSecret | None:
        """Return the Secret of the project that a namespace is made in, None for none."""
        return next((each for each in self.projects if namespace in each.created), None)

    @property
    def text(self) -> str:
        """The projects as one text, sorted."""
        return json.dumps([asdict(each) for each in self.projects], sort_keys=True, separators=(",", ":"))


def projects_of(text: str) -> tuple[ProjectSecret, ...]:
    """Return the Secrets that `Rancher.text` says."""
    return tuple(
        ProjectSecret(
            Project(**each["project"]),
            each["name"],
            each["credentials"],
            tuple(each["namespaces"]),
            tuple(each["created"]),
            each["backing_namespace"],
            each["keep"],
        )
        for each in json.loads(text)
    )
