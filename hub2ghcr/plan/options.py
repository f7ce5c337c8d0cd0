"""What holds for one namespace: its own settings, else its cluster's, else the stack's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from ..owning import own_manager
from ..settings import ClusterSettings, Settings
from ..survey import Site
from .nouns import Delivery, Phase


@dataclass(frozen=True, slots=True)
class Options:
    """What holds for one namespace; ``pull`` names a credential for each registry host.

    ``policy`` is the ``imagePullPolicy`` of what moves, None where it stays as it is. ``project`` is the project of
    Rancher's whose Secret it pulls with, empty where it has one of its own. ``push`` names the credential
    that existing builds push with, empty where their Secrets are not ours to make.
    """

    phase: Phase
    delivery: Delivery
    pull: Mapping[str, str]
    pull_secret: str
    accounts: tuple[str, ...]
    policy: str | None
    references: Literal["tag-and-digest", "digest"]
    on_unready: Literal["hold", "skip"]
    adopt: bool
    recreate: bool
    builders: tuple[str, ...] = ()
    project: str = ""
    push: str = ""
    push_secret: str = ""

    @property
    def switched(self) -> bool:
        """Whether workloads run on the new images."""
        return self.phase != "prepare"


def options_of(settings: Settings, site: Site) -> Options:
    """Return what holds for a namespace."""
    own, cluster = site.namespace, site.cluster
    project = project_of(site)
    pull = _by_host(settings, own.pull if own.pull is not None else cluster.pull)
    pull_secret = own.pullSecretName or cluster.pullSecretName
    if project and cluster.rancher:
        pull, pull_secret = project_pull(settings, cluster, project), cluster.rancher.projects[project].secretName
    return Options(
        own.phase or settings.phase,
        own.delivery or cluster.delivery,
        pull,
        pull_secret,
        own.serviceAccounts if own.serviceAccounts is not None else cluster.serviceAccounts,
        own.imagePullPolicy or cluster.imagePullPolicy,
        cluster.references,
        own.onUnready or cluster.onUnready,
        own.adopt,
        own.recreate,
        own.builders if own.builders is not None else cluster.builders,
        project,
        own.push or cluster.push or "",
        own.pushSecretName or cluster.pushSecretName,
    )


def _by_host(settings: Settings, pull: str | Mapping[str, str] | None) -> dict[str, str]:
    return {settings.home: pull} if isinstance(pull, str) else dict(pull or {})


def project_pull(settings: Settings, cluster: ClusterSettings, project: str) -> dict[str, str]:
    """Return the name of the credential of each registry host that a declared project of Rancher's opens."""
    assert cluster.rancher is not None
    declared = cluster.rancher.projects[project]
    return _by_host(settings, declared.pull if declared.pull is not None else cluster.pull)


def project_of(site: Site) -> str:
    """Return the declared project of Rancher's whose Secret a namespace pulls with.

    Settings say it, or the inventory. A namespace with a `pull` of its own has a Secret of its own.
    """
    return "" if site.namespace.pull is not None else membership(site)


def membership(site: Site) -> str:
    """Return the declared project of Rancher's that a namespace is in, empty for none."""
    projects = site.cluster.rancher.projects if site.cluster.rancher else {}
    named = next((each for each, declared in sorted(projects.items()) if site.name in declared.namespaces), "")
    known = site.facts.project if site.facts else ""
    return named or (known if known in projects else "")


def takes_from(settings: Settings, cluster: ClusterSettings) -> tuple[str, ...]:
    """Return the field managers whose image fields may be taken: the stack's own is one, where delivery changes."""
    return (*cluster.takeFrom, own_manager(settings.stack))
