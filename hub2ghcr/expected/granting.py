"""What is wrong with pull Secrets before a run writes them: while it goes on, Pods start and pull with them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from ..cluster import Cluster
from ..credentials import Credential, key_of
from ..credentials.keyring import Entry, lookup
from ..errors import AccessRefused, ClusterError, Hub2GhcrError, InvalidReference, NotFound, RegistryError
from ..guarding.policy import images
from ..guarding.sealing import Moving
from ..manifests import pod_spec
from ..pull_secrets import secret as pull_secret
from ..pull_secrets.pulling import Image, Puller, differences, pull_with
from ..reference import Reference
from .grant import Grant
from .looking import Key, look
from .rules import account_of

Object = Mapping[str, Any]


def lost(
    cluster: str, grants: Iterable[Grant], believed: Iterable[str], found: Mapping[Any, Object], ours: Iterable[Object]
) -> list[ClusterError]:
    """Return the pull Secrets that somebody deleted, and that workloads pull with.

    The engine goes by its state, which still has them.

    Args:
        cluster: its name.
        grants: what namespaces pull with.
        believed: those of their Secrets (`Grant.name`) that the engine takes to be there.
        found: what is there, by apiVersion, kind, namespace and name.
        ours: the live workloads that were switched.
    """
    known = set(believed)
    gone = {each.namespace: each for each in grants if each.name in known and each.key not in found}
    users: dict[str, list[str]] = {}
    for live in ours:
        namespace = str(live["metadata"].get("namespace"))
        if namespace in gone and gone[namespace].secret in _listed(live, found):
            users.setdefault(namespace, []).append(f"{live['kind']} {live['metadata']['name']}")
    remedy = "`pulumi up --refresh` writes it anew"
    return [
        ClusterError(
            f"was deleted, and is pulled with by {', '.join(sorted(each))}",
            f"cluster {cluster}: Secret {gone[namespace].name}",
            remedy=remedy,
        )
        for namespace, each in sorted(users.items())
    ]


def dropped(
    cluster: Cluster, grants: Iterable[Grant], found: Mapping[Any, Object], moving: Iterable[Moving]
) -> list[ClusterError]:
    """Return the pull Secrets that would lose what workloads pull with until they are switched.

    A Secret is written before any workload moves, and a workload may be held or skipped: Pods of it that start then
    would have nothing to pull with.

    Args:
        cluster: where they are.
        grants: what namespaces pull with.
        found: what is there, by apiVersion, kind, namespace and name.
        moving: the live workloads that are not switched yet, with the images that go.

    Raises:
        ClusterError: the cluster cannot be asked.
    """
    opened = {each.namespace: (each, _read(found[each.key], each.name) or {}) for each in grants if each.key in found}
    losing: list[tuple[Grant, str, Object]] = []
    for each in moving:
        if there := opened.get(str(each.live["metadata"].get("namespace"))):
            grant, old = there
            losing += (
                (grant, key, each.live) for key in {key for image in each.images for key in _only(old, grant, image)}
            )
    accounts = look(cluster, {_account(live) for _, _, live in losing})
    users: dict[tuple[str, str], list[str]] = {}
    for grant, key, live in losing:
        if grant.secret in _listed(live, accounts):
            users.setdefault((grant.name, key), []).append(f"{live['kind']} {live['metadata']['name']}")
    return [
        ClusterError(
            f"stays as it is: {', '.join(sorted(names))} would still pull with its entry for {key}",
            f"cluster {cluster.name}: Secret {secret}",
            remedy="run phase cutover with that entry first",
        )
        for (secret, key), names in sorted(users.items())
    ]


def _only(old: Mapping[str, Entry], grant: Grant, image: str) -> Sequence[str]:
    """Return the entries of a Secret that open an image, none where what is to be written has one for it, too."""
    try:
        repository = Reference.parse(image).name
    except InvalidReference:
        return ()
    return () if lookup(map(key_of, grant.credentials), repository) else lookup(old, repository)


def _listed(live: Object, found: Mapping[Any, Object]) -> set[str]:
    """Return the names of the pull Secrets that a workload's Pods have: its own, or else its ServiceAccount's."""
    own = (pod_spec(live) or {}).get("imagePullSecrets")
    listed = own or found.get(_account(live), {}).get("imagePullSecrets")
    return {str(each.get("name")) for each in listed or ()}


def _account(live: Object) -> Key:
    return "v1", "ServiceAccount", str(live["metadata"].get("namespace")), account_of(live)


def unproven(
    cluster: str,
    grant: Grant,
    live: Object,
    running: Iterable[Object],
    credential: Callable[[str], Credential],
    puller: Puller,
) -> Sequence[Hub2GhcrError]:
    """Return why a pull Secret must not be written anew: images that its new values do not open.

    Where nothing about it changes, no registry is asked. Of an image that no workload runs, and that neither the old
    nor the new values open, nothing is said: it may not have been copied yet.

    Args:
        cluster: its name.
        grant: what is to be written, and has to open.
        live: the Secret as it is.
        running: the live workloads of its namespace.
        credential: gives a named credential with its value.
        puller: asks the registries.
    """
    place = f"cluster {cluster}: Secret {grant.name}"
    old = _read(live, place)
    try:
        wanted = {host: credential(name) for host, name in grant.credentials.items()}
        if old is not None and not differences(old, wanted):
            return []
        new = pull_secret.read(pull_secret.document(grant.secret, grant.namespace, wanted), place).entries
    except Hub2GhcrError as error:
        return [error.at(f"{place}: stays as it is")]
    there = {_pinned(image) for each in running for image in images(each)}
    refused = []
    for each in grant.images:
        try:
            pull_with(puller, each, new)
        except RegistryError as error:
            known = _pinned(f"{each.target}@{each.digest}") in there
            if known or not _may_be_absent(error) or _opens(puller, each, old):
                refused.append(error.at(f"{place}: stays as it is"))
    return refused


def _pinned(image: str) -> str:
    """Return an image without its tag: one digest is one image, whatever it is called besides."""
    try:
        found = Reference.parse(image)
    except InvalidReference:
        return image
    return f"{found.name}@{found.digest}"


def _read(live: Object, place: str) -> Mapping[str, Entry] | None:
    """Return what a Secret holds, None where no kubelet could read it: then none pulls for who lists it."""
    try:
        return pull_secret.read(live, place).entries
    except Hub2GhcrError:
        return None


def _may_be_absent(error: RegistryError) -> bool:
    """Whether a registry would say the same of an image that it does not have."""
    return isinstance(error, NotFound) or (isinstance(error, AccessRefused) and "401" not in error.what)


def _opens(puller: Puller, image: Image, entries: Mapping[str, Entry] | None) -> bool:
    if entries is None:
        return False
    try:
        pull_with(puller, image, entries)
    except RegistryError:
        return False
    return True
