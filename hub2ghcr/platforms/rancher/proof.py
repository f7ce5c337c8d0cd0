"""The proof that Rancher will copy what a run writes, and over nothing: before the run changes anything."""

from __future__ import annotations

from collections.abc import Iterable

from ...cluster import Cluster
from ...errors import Hub2GhcrError
from .backing import backing_namespace, require_rancher
from .clashes import clashes, strangers, unusable
from .registries import ProjectSecret
from .release import too_old


def problems(
    management: Cluster, cluster: Cluster, secrets: Iterable[ProjectSecret], manager: str
) -> list[Hub2GhcrError]:
    """Return everything that stands in the way of the Secrets of projects, of all projects at once.

    Args:
        management: the cluster that Rancher runs in.
        cluster: whose projects these are; often another one.
        secrets: what is to be written.
        manager: the field manager of what the stack owns.
    """
    found: list[Hub2GhcrError] = []
    try:
        require_rancher(management)
        found += too_old(management)
        namespaces = list(cluster.list("v1", "Namespace"))
    except Hub2GhcrError as error:
        return [*found, error]
    for each in secrets:
        try:
            backing = backing_namespace(management, each.project, each.backing_namespace)
            found += unusable(management, backing, each, manager)
        except Hub2GhcrError as error:
            found.append(error)
        try:
            found += strangers(cluster, each, namespaces)
            found += clashes(cluster, each, namespaces)
        except Hub2GhcrError as error:
            found.append(error)
    return found
