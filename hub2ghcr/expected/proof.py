"""The proof that a cluster is as a run expects it, before the run changes anything."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import chain
from typing import Final

from .. import owning
from ..cluster import Cluster
from ..credentials import Credential
from ..errors import ClusterError, Conflict, Hub2GhcrError, raise_all
from ..guarding.policy import API, images
from ..guarding.sealing import Moving, unsealed
from ..guarding.unguarding import sealed
from ..manifests import pod_spec
from ..owning import MANAGER
from ..plan import Guard
from ..platforms.openshift import proof as openshift
from ..pull_secrets.pulling import Puller
from .expectation import Expectation
from .expectations import Expectations
from .grant import Grant
from .granting import dropped, lost, unproven
from .looking import JOBS, Key, look
from .nodes import uncovered, unexpected
from .rules import Object, account_of, canonical, faults, lost_secrets, moves

TRIED: Final = 100
"""Patches that are all tried without being written; of more, one for each kind and set of namespace labels is.

Admission goes by kinds and by namespaces' labels, and a patch that is tried costs as much as one that is written. Who
manages what is looked up for every workload, and each patch is still refused by itself.
"""

_NAME = "kubernetes.io/metadata.name"

Seen = tuple[Expectation, Object]


def prove(
    cluster: Cluster,
    expected: Expectations,
    *,
    credential: Callable[[str], Credential],
    puller: Puller,
    believed: Collection[str] = (),
) -> None:
    """Look at every object, and try what would be written to it.

    Args:
        cluster: where they are.
        expected: what should be.
        credential: gives a named credential with its value; asked where a pull Secret is not what it is to be.
        puller: asks registries, in the same case alone.
        believed: the pull Secrets (`Grant.name`) that the engine takes to be there.

    Raises:
        Problems: everything that is not as expected or would be refused, each with its remedy.
        ClusterError: the cluster cannot be asked.
    """
    found = look(cluster, (each.key for each in expected.objects))
    nodes = unexpected(cluster, expected.platforms) if expected.platforms else uncovered(cluster, expected.pulls)
    problems: list[Hub2GhcrError] = [*nodes]
    seen: list[Seen] = []
    for each in expected.objects:
        live = found.get(each.key)
        told = [
            ClusterError(what, f"cluster {cluster.name}: {each.place}", remedy=remedy)
            for what, remedy in faults(each, live, expected.manager, expected.take_from)
        ]
        problems += told
        if not told and live is not None:
            seen.append((each, live))
    patched = [(each, live) for each, live in seen if each.state == "patched" and each.switched]
    problems += _losing(cluster, patched)
    ours = {MANAGER, expected.manager}
    switched = [live for each, live in seen if each.switched and pod_spec(live) and ours & {*owning.writers(live)}]
    problems += lost(cluster.name, expected.grants, believed, found, switched)
    moving = [*_moving(seen)]
    problems += dropped(cluster, expected.grants, {each.key: live for each, live in seen}, moving)
    if expected.guard:
        problems += _unguardable(cluster, expected.guard, moving)
    if expected.openshift:
        problems += openshift.refusals(cluster, expected.openshift, credential)
    waiting = [each for each, live in patched if moves(each, live)]
    with ThreadPoolExecutor(JOBS) as pool:
        problems += filter(
            None, pool.map(lambda each: _tried(cluster, each, expected.take_from), _chosen(waiting, found))
        )
        renewed = _secrets(expected.grants, seen)
        refused = pool.map(lambda each: unproven(cluster.name, each[0], each[1], each[2], credential, puller), renewed)
        problems += chain.from_iterable(refused)
    raise_all(problems)


def _secrets(grants: Iterable[Grant], seen: Sequence[Seen]) -> Iterator[tuple[Grant, Object, Sequence[Object]]]:
    """Yield each grant whose Secret is there, with it and the live workloads of its namespace."""
    secrets: dict[Key, Object] = {}
    running: dict[str, list[Object]] = {}
    for expected, live in seen:
        secrets[expected.key] = live
        if pod_spec(live):
            running.setdefault(expected.namespace, []).append(live)
    for each in grants:
        if each.key in secrets:
            yield each, secrets[each.key], running.get(each.namespace, ())


def _unguardable(cluster: Cluster, guard: Guard, moving: Iterable[Moving]) -> Sequence[ClusterError]:
    """Return why a guard would be refused in the end, when pull Secrets have no credential of Docker Hub any more."""
    if not (guard.audit or guard.deny):
        return ()
    if not cluster.serves(API, "ValidatingAdmissionPolicy"):
        what = f"the cluster does not serve {API}: Kubernetes does from 1.30 on"
        remedy = f'set `guard: {{action: "off"}}` of cluster {cluster.name}'
        return (ClusterError(what, f"cluster {cluster.name}: ValidatingAdmissionPolicy", remedy=remedy),)
    new = set(guard.deny) - sealed(cluster, guard.name) if guard.deny else ()
    return unsealed(cluster, new, guard.exceptions, guard.aliases, moving) if new else ()


def _moving(seen: Sequence[Seen]) -> Iterator[Moving]:
    """Yield what this run will have switched, as far as it has not been yet."""
    for expected, live in seen:
        gone = {canonical(text) for after, texts in expected.was.items() for text in texts if text != after}
        there = frozenset(image for image in images(live) if canonical(image) in gone)
        if expected.switched and there:
            yield Moving(live, there)


def _losing(cluster: Cluster, patched: Sequence[Seen]) -> list[ClusterError]:
    """Return workloads whose Pods would lose a pull Secret of their ServiceAccount."""

    def key(expected: Expectation, live: Object) -> Key:
        return "v1", "ServiceAccount", expected.namespace, account_of(live)

    accounts = look(cluster, {key(*each) for each in patched})
    problems = []
    for expected, live in patched:
        account = key(expected, live)
        if missed := lost_secrets(expected, live, accounts.get(account)):
            what = f"its Pods would lose the pull Secrets {', '.join(missed)} of ServiceAccount {account[3]}"
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
