"""What the keys of Rancher's projects cannot say alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ..errors import SettingsError
from .clusters import ClusterSettings
from .rancher import RancherSettings

_LOCAL = "local:"


def projects(cluster: ClusterSettings, path: str) -> Iterator[SettingsError]:
    """Require that Rancher's cluster is known, a credential for each project, and one project for a namespace."""
    if (rancher := cluster.rancher) is None:
        return
    seen: dict[str, str] = {}
    for project, each in sorted(rancher.projects.items()):
        at = f"{path}.projects.{project}"
        if not rancher.elsewhere and not project.startswith(_LOCAL):
            what = "its Secret lies in the cluster that Rancher runs in"
            yield SettingsError(what, at, remedy=f"say in {path} how that is reached: kubeconfig and context")
        if each.pull is None and cluster.pull is None:
            yield SettingsError("is missing", f"{at}.pull", remedy="name a credential, or give the cluster one")
        for index, name in enumerate(each.namespaces):
            if name not in cluster.namespaces:
                remedy = "name it in the cluster's `namespaces`, or take it out here"
                yield SettingsError("no such namespace", f"{at}.namespaces[{index}]", name, remedy)
            elif name in seen:
                remedy = f"it is in {seen[name]} already: keep one"
                yield SettingsError("a namespace is in one project", f"{at}.namespaces[{index}]", name, remedy)
            seen.setdefault(name, project)


def shared(clusters: Iterable[ClusterSettings]) -> Iterator[SettingsError]:
    """Require that a project is named by one cluster: two would write one Secret."""
    seen: dict[tuple[object, ...], str] = {}
    for index, cluster in enumerate(clusters):
        rancher = cluster.rancher
        if rancher is None or not rancher.elsewhere:
            continue
        for project in sorted(rancher.projects):
            key = (rancher.kubeconfig, rancher.context, rancher.server, project)
            if key in seen:
                remedy = f"cluster {seen[key]} has it already: keep one"
                yield SettingsError(
                    "two clusters name this project", f"clusters[{index}].rancher.projects.{project}", "", remedy
                )
            seen.setdefault(key, cluster.name)


def credential_names(rancher: RancherSettings | None, path: str) -> Iterator[tuple[str, str]]:
    """Yield the credentials that are named, and where."""
    if rancher is None:
        return
    if rancher.token is not None:
        yield f"{path}.token", rancher.token
    for project, each in rancher.projects.items():
        if isinstance(each.pull, str):
            yield f"{path}.projects.{project}.pull", each.pull
        else:
            yield from ((f"{path}.projects.{project}.pull.{host}", name) for host, name in (each.pull or {}).items())
