"""The inventory of a stack: all its clusters, as far as its settings name or select what is in them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ..cluster import Cluster
from ..errors import Hub2GhcrError, raise_all
from ..lock import Lock
from ..settings import ClusterSettings, Settings
from .facts import Inventory
from .spelling import Spelling
from .taking import Observe, Wanted, take


@dataclass(frozen=True)
class Stock:
    """The inventory of a stack, and in ``notes`` what could not be learnt."""

    inventory: Inventory
    notes: tuple[str, ...] = ()


def take_stack(
    settings: Settings,
    clusters: Mapping[str, Cluster],
    lock: Lock,
    before: Inventory,
    observe: Observe | None = None,
) -> Stock:
    """Return what is in the clusters.

    Args:
        settings: of the stack.
        clusters: by name; facts of those that are not among them stay as they were.
        lock: says what images were called before we moved them.
        before: the inventory that there is; its spellings are kept.
        observe: told how many lists of how many are read.

    Raises:
        Problems: clusters that are unreachable or refuse the credential, and all that may not be listed there.
    """
    spelling = Spelling(lock, before, settings.aliases)
    problems: list[Hub2GhcrError] = []
    notes: list[str] = []
    facts = []
    for each in sorted(settings.clusters, key=lambda cluster: cluster.name):
        if each.name not in clusters:
            facts += [kept for kept in before.clusters if kept.name == each.name]
            continue
        try:
            taken = take(clusters[each.name], wanted(settings, each), spelling, observe)
        except Hub2GhcrError as error:
            problems.append(error)
        else:
            facts.append(taken.facts)
            notes += taken.notes
    raise_all(problems)
    return Stock(Inventory(tuple(facts)), tuple(notes))


def wanted(settings: Settings, cluster: ClusterSettings) -> Wanted:
    """Return what of a cluster is of interest."""
    every = [*cluster.namespaces.values(), *([cluster.selector.settings] if cluster.selector else ())]
    ours = {cluster.pullSecretName, *(each.pullSecretName for each in every if each.pullSecretName)}
    ours |= {each.pushSecretName or cluster.pushSecretName for each in every if each.push or cluster.push}
    ours |= {each.secretName for each in cluster.rancher.projects.values()} if cluster.rancher else set()
    selector = dict(cluster.selector.matchLabels) if cluster.selector else None
    return Wanted(tuple(sorted(cluster.namespaces)), selector, frozenset(ours), settings.declared_places)
