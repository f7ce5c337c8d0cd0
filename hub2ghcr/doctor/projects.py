"""The cluster that Rancher runs in, where Secrets of projects lie: whether it answers, and what may be done there."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import replace

from .. import cluster_access
from ..errors import Hub2GhcrError
from ..permissions import managing
from ..plan import Cluster
from ..platforms.rancher.backing import backing_namespace, require_rancher
from ..platforms.rancher.registries import ProjectSecret, Rancher
from ..platforms.rancher.release import too_old
from .finding import Finding, failures
from .patient import Patient


def look(patient: Patient, cluster: Cluster, rancher: Rancher) -> list[Finding]:
    """Return how Rancher's own cluster stands, whose projects are those of ``cluster``.

    Raises:
        ClusterError, CredentialError: it is not reached, refuses, or is none of Rancher's.
    """
    found: list[Finding] = []
    secrets: list[ProjectSecret] = []
    with ExitStack() as opened:
        reached = cluster_access.management(cluster, rancher, patient.environ, opened)
        require_rancher(reached)
        for error in too_old(reached):
            found += failures("cluster", reached.name, error)
        for each in rancher.projects:
            try:
                backing = backing_namespace(reached, each.project, each.backing_namespace)
                secrets.append(replace(each, backing_namespace=backing))
            except Hub2GhcrError as error:
                found += failures("cluster", reached.name, error)
        missing = reached.allowed(managing(replace(rancher, projects=tuple(secrets))))
    if missing:
        text = f"its credential may not {', '.join(map(str, missing))}"
        return [*found, Finding("failure", "cluster", reached.name, text, "grant it by a Role or ClusterRole")]
    return found or [Finding("ok", "cluster", reached.name, f"its credential may write {_counted(len(secrets))}")]


def _counted(projects: int) -> str:
    return f"the Secret{'s' if projects > 1 else ''} of {projects} project{'s' if projects > 1 else ''}"
