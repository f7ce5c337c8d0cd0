"""Where the Secrets of a project lie: its backing namespace, in the cluster that Rancher runs in."""

from __future__ import annotations

from typing import Final

from ...cluster import Cluster
from ...errors import ClusterError
from .project import Project

API: Final = "management.cattle.io/v3"


def require_rancher(management: Cluster) -> None:
    """Require that a cluster is one that Rancher runs in.

    Raises:
        ClusterError: it is not, or cannot be asked.
    """
    if not management.serves(API, "Project"):
        what = f"is no cluster that Rancher runs in: it knows no projects ({API})"
        remedy = "say in `rancher` how Rancher's own (local) cluster is reached"
        raise ClusterError(what, f"cluster {management.name}", remedy=remedy)


def known(management: Cluster, project: Project) -> bool:
    """Whether Rancher has the project: its backing namespace, and the Secrets in it, go with it.

    Raises:
        ClusterError: the cluster is none that Rancher runs in, or cannot be asked.
    """
    require_rancher(management)
    return management.get(API, "Project", project.cluster, project.name) is not None


def backing_namespace(management: Cluster, project: Project, declared: str = "") -> str:
    """Return the backing namespace of a project.

    Where its status does not say it, it is called by the cluster and the project, or, of a project that was made
    before Rancher 2.11, by the project alone: whichever is there.

    Args:
        management: the cluster that Rancher runs in.
        project: whose it is.
        declared: what the settings say, which is taken as it is.

    Raises:
        ClusterError: there is no such project, or nothing says where its Secrets lie, or Rancher cannot be asked.
    """
    if declared:
        return declared
    place = f"cluster {management.name}: Project {project.cluster}/{project.name}"
    found = management.get(API, "Project", project.cluster, project.name)
    if found is None:
        remedy = "name one of those: `kubectl get projects.management.cattle.io -A` in Rancher's own cluster"
        raise ClusterError("does not exist", place, remedy=remedy)
    if told := (found.get("status") or {}).get("backingNamespace"):
        return str(told)
    for name in (f"{project.cluster}-{project.name}", project.name):
        if management.get("v1", "Namespace", "", name) is not None:
            return name
    raise ClusterError("does not say its backing namespace", place, remedy="name it in `backingNamespace`")
