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

    ``policy`` is the ``imagePullPolicy`` of what moves, None where it stays as it is.
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

    @property
    def switched(self) -> bool:
        """Whether workloads run on the new images."""
        return self.phase != "prepare"


def options_of(settings: Settings, site: Site) -> Options:
    """Return what holds for a namespace."""
    own, cluster = site.namespace, site.cluster
    pull = own.pull if own.pull is not None else cluster.pull
    return Options(
        own.phase or settings.phase,
        own.delivery or cluster.delivery,
        {settings.home: pull} if isinstance(pull, str) else dict(pull or {}),
        own.pullSecretName or cluster.pullSecretName,
        own.serviceAccounts if own.serviceAccounts is not None else cluster.serviceAccounts,
        own.imagePullPolicy or cluster.imagePullPolicy,
        cluster.references,
        own.onUnready or cluster.onUnready,
        own.adopt,
        own.recreate,
        own.builders if own.builders is not None else cluster.builders,
    )


def takes_from(settings: Settings, cluster: ClusterSettings) -> tuple[str, ...]:
    """Return the field managers whose image fields may be taken: the stack's own is one, where delivery changes."""
    return (*cluster.takeFrom, own_manager(settings.stack))
