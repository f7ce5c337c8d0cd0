"""The pull Secret of one project of Rancher's, in its backing namespace; the copies are Rancher's own business.

A resource of ours, since the backing namespace is Rancher's to tell, in a cluster that is often another one. No value
is in its state: a new token is seen by a look at the Secret.
"""

from typing import TYPE_CHECKING, Any

import pulumi
from pulumi.dynamic import CreateResult, DiffResult, ReadResult, Resource, UpdateResult

from hub2ghcr.plan import Reach
from hub2ghcr.platforms.rancher.registries import ProjectSecret as Planned
from hub2ghcr.platforms.rancher.registries import Rancher

from .provider_process import ReferencedProvider, reference_moved

if TYPE_CHECKING:
    from hub2ghcr.credentials import Credential

_WHERE = ("cluster", "project", "name", "backingNamespace")


class ProjectSecretProvider(ReferencedProvider):
    """Writes the Secret; every step can be repeated."""

    def diff(self, _id: str, olds: dict[str, Any], news: dict[str, Any]) -> DiffResult:
        """Compare, and look: at values that are not as they should be, and at copies that are lost."""
        from .drift import drifted

        replaces = [key for key in _WHERE if olds.get(key) != news[key]]
        changed = bool(replaces) or reference_moved(olds, news)
        changed = changed or any(olds.get(key) != news[key] for key in ("credentials", "namespaces"))
        # after the new one is written, taking the old one away could take that: a backing namespace that is named
        # now may be the one that was found before
        return DiffResult(
            changes=changed or drifted(news, lambda: not _stands(news)),
            replaces=replaces,
            delete_before_replace=True,
        )

    def create(self, props: dict[str, Any]) -> CreateResult:
        """Write it, unless somebody else has one of its name."""
        name = f"{props['cluster']}/{props['project']}/{props['name']}"
        return CreateResult(name, {**props, "version": _written(props)})

    def update(self, _id: str, olds: dict[str, Any], news: dict[str, Any]) -> UpdateResult:
        """Write it anew; where a copy is lost so that Rancher copies it again."""
        return UpdateResult({**news, "version": _written(news)})

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


def _opened(props: dict[str, Any]) -> "dict[str, Credential]":
    from .registry_access import credential

    return {host: credential(name) for host, name in props["credentials"].items()}


def _written(props: dict[str, Any]) -> str:
    from hub2ghcr.platforms.rancher.writing import lost, stands, write

    from .cluster_access import cluster, management

    reached, backing, planned, opened = management(props), _backing(props), _planned(props), _opened(props)
    again = stands(reached, backing, planned, opened, props["manager"]) and bool(lost(cluster(props), planned))
    return write(reached, backing, planned, opened, props["manager"], again)


def _stands(props: dict[str, Any]) -> bool:
    from hub2ghcr.platforms.rancher.writing import lost, stands

    from .cluster_access import cluster, management

    planned = _planned(props)
    if not stands(management(props), _backing(props), planned, _opened(props), props["manager"]):
        return False
    return not lost(cluster(props), planned)
