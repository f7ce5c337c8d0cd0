"""What the keys of one cluster cannot say alone: one way to reach it, one place for what is rendered."""

from __future__ import annotations

from collections.abc import Iterator

from ..errors import MappingError, SettingsError
from . import rancher_checks
from .build_checks import build_problems
from .clusters import ClusterSettings, NamespaceSettings
from .containerd import node_mirror
from .rancher import RancherSettings
from .schema import Settings


def clusters(settings: Settings) -> Iterator[SettingsError | MappingError]:
    """Require that names are used once and that every cluster can be reached in one way; check its namespaces."""
    yield from rancher_checks.shared(settings.clusters)
    seen: set[str] = set()
    for index, cluster in enumerate(settings.clusters):
        path = f"clusters[{index}]"
        if cluster.name in seen:
            yield SettingsError("two clusters have this name", f"{path}.name", cluster.name, "rename one")
        seen.add(cluster.name)
        yield from _reach(cluster, path, cluster.name)
        if cluster.rancher is not None and cluster.rancher.elsewhere:
            yield from _reach(cluster.rancher, f"{path}.rancher", "Rancher")
        yield from rancher_checks.projects(cluster, f"{path}.rancher")
        yield from node_mirror(cluster, path)
        if (
            cluster.openshift
            and cluster.openshift.sourcePolicy == "NeverContactSource"
            and not cluster.openshift.mirrorSets
        ):
            remedy = "name digest or tag in those, or remove it"
            yield SettingsError("goes with `mirrorSets`", f"{path}.openshift.sourcePolicy", remedy=remedy)
        for number, each in enumerate(cluster.guard.exceptions):
            try:
                each.build(settings.aliases)
            except MappingError as error:
                yield error.at(f"{path}.guard.exceptions[{number}].match")
        for where, namespace in namespaces(cluster, path):
            delivery = namespace.delivery or cluster.delivery
            yield from _rendered(namespace, delivery, where)
            if namespace.live and delivery == "render":
                remedy = "name manifests: what only lives in a cluster has no file"
                yield SettingsError("goes with `delivery: patch`", f"{where}.live", remedy=remedy)
            for name, build in namespace.builds.items():
                yield from build_problems(settings, build, f"{where}.builds.{name}")
            if namespace.adopt and delivery != "own":
                yield SettingsError("goes with `delivery: own`", f"{where}.adopt", remedy="set that, or remove it")


def namespaces(cluster: ClusterSettings, path: str) -> Iterator[tuple[str, NamespaceSettings]]:
    """Yield the settings of each namespace, those for selected ones too, and where they stand."""
    for name, each in cluster.namespaces.items():
        yield f"{path}.namespaces.{name}", each
    if cluster.selector is not None:
        yield f"{path}.selector.settings", cluster.selector.settings


def _reach(cluster: ClusterSettings | RancherSettings, path: str, name: str) -> Iterator[SettingsError]:
    by_file = {"kubeconfig": cluster.kubeconfig, "context": cluster.context}
    by_server = {"server": cluster.server, "token": cluster.token}
    served = any([*by_server.values(), cluster.certificateAuthority])
    if served and any(by_file.values()):
        remedy = "keep kubeconfig and context, or server and token"
        yield SettingsError("is reached in two ways", path, name, remedy)
        return
    for key, value in (by_server if served else by_file).items():
        if value is None:
            yield SettingsError("is missing", f"{path}.{key}", remedy="add it")


def _rendered(namespace: NamespaceSettings, delivery: str, path: str) -> Iterator[SettingsError]:
    render = namespace.render
    if delivery == "render" and render is None:
        yield SettingsError("is missing", f"{path}.render", remedy="say where the files go: a folder or a repository")
    if render is None:
        return
    if delivery != "render":
        yield SettingsError("goes with `delivery: render`", f"{path}.render", remedy="set that, or remove it")
    if (render.folder is None) == (render.repository is None):
        yield SettingsError("is a folder or a repository", f"{path}.render", remedy="name one of them")
    for key in ("path", "branch") if render.repository is not None else ():
        if getattr(render, key) is None:
            yield SettingsError("is missing", f"{path}.render.{key}", remedy="add it")
    for key in ("path", "branch") if render.repository is None else ():
        if getattr(render, key) is not None:
            yield SettingsError("goes with a repository", f"{path}.render.{key}", remedy="remove it")
