"""The proof that a cluster is as a run expects it, before the run changes anything."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from .. import owning
from ..cluster import Cluster
from ..errors import ClusterError, Conflict, Hub2GhcrError, raise_all
from ..owning import MANAGER
from .expectation import Expectation
from .looking import JOBS, Key, look
from .rules import Object, account_of, faults, lost_secrets, moves

TRIED: Final = 100
"""Patches that are all tried without being written; of more, one for each kind and set of namespace labels is.

Admission goes by kinds and by namespaces' labels, and a patch that is tried costs as much as one that is written. Who
manages what is looked up for every workload, and each patch is still refused by itself.
"""

_NAME = "kubernetes.io/metadata.name"


def prove(
    cluster: Cluster,
    expected: Sequence[Expectation],
    *,
    manager: str,
    take_from: Sequence[str] = (),
    platforms: Sequence[str] = (),
) -> None:
    """Look at every object, and try what would be written to it.

    Args:
        cluster: where they are.
        expected: what should be.
        manager: the field manager of what the stack owns.
        take_from: managers that a patch may take image fields from.
        platforms: those that the nodes have, as far as the plan knows (none: it does not).

    Raises:
        Problems: everything that is not as expected or would be refused, each with its remedy.
        ClusterError: the cluster cannot be asked.
    """
    found = look(cluster, (each.key for each in expected))
    problems: list[Hub2GhcrError] = list(_other_nodes(cluster, platforms)) if platforms else []
    sound: list[tuple[Expectation, Object]] = []
    for each in expected:
        live = found.get(each.key)
        told = [
            ClusterError(what, f"cluster {cluster.name}: {each.place}", remedy=remedy)
            for what, remedy in faults(each, live, manager, take_from)
        ]
        problems += told
        if not told and live is not None and each.state == "patched" and each.switched:
            sound.append((each, live))
    problems += _losing(cluster, sound)
    waiting = [each for each, live in sound if moves(each, live)]
    with ThreadPoolExecutor(JOBS) as pool:
        problems += filter(None, pool.map(lambda each: _tried(cluster, each, take_from), _chosen(waiting, found)))
    raise_all(problems)


def _other_nodes(cluster: Cluster, platforms: Sequence[str]) -> Iterator[ClusterError]:
    """Yield nodes of another platform than the plan counts with: images need not have it."""
    for node in cluster.list("v1", "Node"):
        info = (node.get("status") or {}).get("nodeInfo") or {}
        if not info.get("operatingSystem"):
            continue  # it never came up, and nothing can run on it yet
        platform = f"{info['operatingSystem']}/{info['architecture']}"
        if platform not in platforms:
            what = f"is {platform}, and the plan counts with {', '.join(platforms)}"
            place = f"cluster {cluster.name}: Node {node['metadata']['name']}"
            yield ClusterError(what, place, remedy="run `hub2ghcr inventory`")


def _losing(cluster: Cluster, patched: Sequence[tuple[Expectation, Object]]) -> list[ClusterError]:
    """Return workloads whose Pods would lose a pull Secret of their ServiceAccount."""

    def key(expected: Expectation, live: Object) -> Key:
        return "v1", "ServiceAccount", expected.namespace, account_of(live)

    accounts = look(cluster, {key(*each) for each in patched})
    problems = []
    for expected, live in patched:
        account = key(expected, live)
        if lost := lost_secrets(expected, live, accounts.get(account)):
            what = f"its Pods would lose the pull Secrets {', '.join(lost)} of ServiceAccount {account[3]}"
            remedy = "run `hub2ghcr inventory`, or put that ServiceAccount among the manifests"
            problems.append(ClusterError(what, f"cluster {cluster.name}: {expected.place}", remedy=remedy))
    return problems


def _chosen(waiting: Sequence[Expectation], found: Mapping[Key, Object]) -> Iterable[Expectation]:
    if len(waiting) <= TRIED:
        return waiting
    first: dict[tuple[str, frozenset[tuple[str, str]]], Expectation] = {}
    for each in waiting:
        namespace = found.get(("v1", "Namespace", "", each.namespace), {})
        labels = (namespace.get("metadata") or {}).get("labels") or {}
        first.setdefault((each.kind, frozenset((key, value) for key, value in labels.items() if key != _NAME)), each)
    return first.values()


def _tried(cluster: Cluster, expected: Expectation, take_from: Sequence[str]) -> ClusterError | None:
    """Return why the API server would refuse a patch: the fields of others, or an admission that says no."""
    assert expected.document is not None
    try:
        try:
            cluster.apply(expected.document, manager=MANAGER, dry_run=True)
        except Conflict as conflict:
            if refused := owning.refusal("", conflict.managers, take_from):
                return ClusterError(refused.what, f"cluster {cluster.name}: {expected.place}", remedy=refused.remedy)
            cluster.apply(expected.document, manager=MANAGER, force=True, dry_run=True)
    except ClusterError as error:
        return error
    return None
