"""Which pull credentials are one token: whoever shares it loses it together."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from typing import TYPE_CHECKING, Final

from .nouns import Cluster, Namespace

if TYPE_CHECKING:
    from ..settings import ClusterSettings, Settings

FEW: Final = 3
"""Namespaces that are named one by one; more are counted."""

_SELECTED: Final = "those that the selector names"
_REST: Final = "all without one of their own"
"""Namespaces that pull as the selector, or the cluster, says: one holder, whatever their number."""


def sharing(
    settings: Settings, clusters: tuple[Cluster, ...], token: Callable[[str], str] = lambda key: key
) -> Iterator[str]:
    """Yield which tokens several clusters pull with, or namespaces that name their own, and which also push.

    Args:
        settings: the stack's.
        clusters: of its plan.
        token: what tells tokens apart, by the key of the value (default: the key, since a plan knows no values).
    """
    holders: dict[str, dict[str, set[str]]] = {}
    names: dict[str, set[str]] = {}
    known = {each.name: each for each in settings.clusters}
    for cluster in clusters:
        for namespace in cluster.namespaces:
            for each in namespace.pull_secret.credentials.values() if namespace.pull_secret else ():
                held = token(each.secret_key)
                within = holders.setdefault(held, {}).setdefault(cluster.name, set())
                within.add(_holder(known[cluster.name], namespace))
                names.setdefault(held, set()).add(each.name)
    pushing = {token(settings.credentials[each.push].secretKey) for each in settings.registries.values() if each.push}
    for held, found in sorted(holders.items(), key=lambda item: sorted(names[item[0]])):
        credential = " and ".join(sorted(names[held]))
        if len(found) > 1:
            shared = ", ".join(sorted(found))
            yield f"clusters {shared} share the pull credential {credential}: revoking it stops them all"
        for name, within in sorted(found.items()):
            if len(within) > 1:
                yield f"cluster {name}: {_named(within)} share the pull credential {credential}: revoking it stops all"
        if held in pushing:
            yield f"pull Secrets hold the credential {credential}, which pushes, too: whoever reads one can push"


def _holder(cluster: ClusterSettings, namespace: Namespace) -> str:
    """Return the namespace's name where it has a `pull` of its own: what a selector says is one for all it selects."""
    own = cluster.namespaces.get(namespace.name)
    if own is not None:
        return namespace.name if own.pull is not None else _REST
    return _SELECTED if cluster.selector and cluster.selector.settings.pull is not None else _REST


def _named(holders: Collection[str]) -> str:
    own = sorted({*holders} - {_SELECTED, _REST})
    told = ", ".join(own) if len(own) <= FEW else f"{own[0]} … {own[-1]} ({len(own)} of them)"
    parts = [f"namespaces {told}"] if own else []
    return " and ".join([*parts, *(each for each in (_SELECTED, _REST) if each in holders)])
