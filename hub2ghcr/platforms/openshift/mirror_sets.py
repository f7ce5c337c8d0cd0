"""The mirror sets of a cluster: ImageTagMirrorSet and ImageDigestMirrorSet of config.openshift.io/v1."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any, Final

from ...cluster import Cluster
from ...errors import ClusterError, Refused
from ...owning import MANAGED_BY, MANAGER, STACK
from .nouns import MirrorRule, MirrorSet, SourcePolicy

API: Final = "config.openshift.io/v1"
KINDS: Final[Mapping[MirrorSet, tuple[str, str]]] = {
    "digest": ("ImageDigestMirrorSet", "imageDigestMirrors"),
    "tag": ("ImageTagMirrorSet", "imageTagMirrors"),
}
"""The kind of each set, and the list of its rules."""
OLDER: Final = ("operator.openshift.io/v1alpha1", "ImageContentSourcePolicy", "repositoryDigestMirrors")
"""What stood for an ImageDigestMirrorSet before OpenShift 4.13, and is deprecated since."""


def documents(
    name: str, stack: str, sets: Collection[MirrorSet], rules: Collection[MirrorRule], policy: SourcePolicy
) -> Iterator[dict[str, Any]]:
    """Yield the objects, by kind: all rules stand in one."""
    for each in sorted(sets):
        kind, key = KINDS[each]
        said = [{"source": rule.source, "mirrors": [rule.mirror], "mirrorSourcePolicy": policy} for rule in rules]
        metadata = {"name": name, "labels": {MANAGED_BY: MANAGER}, "annotations": {STACK: stack}}
        yield {"apiVersion": API, "kind": kind, "metadata": metadata, "spec": {key: said}}


def refusals(
    cluster: Cluster, name: str, stack: str, sets: Collection[MirrorSet], rules: Collection[MirrorRule]
) -> Iterator[ClusterError]:
    """Yield why the sets cannot be: not served, of another owner, others say something of the same sources.

    The API server is asked, too, without writing: it may admit none beside ImageContentSourcePolicies, whatever they
    say (before OpenShift 4.15).

    Raises:
        ClusterError: the cluster cannot be asked.
    """
    at = f"cluster {cluster.name}"
    for each, document in zip(sorted(sets), documents(name, stack, sets, rules, "AllowContactingSource"), strict=True):
        kind, _ = KINDS[each]
        if not cluster.serves(API, kind):
            remedy = f"take `{each}` out of `mirrorSets`"
            yield ClusterError(
                f"the cluster does not serve it: OpenShift does from 4.13 on, in {API}", at, kind, remedy
            )
            continue
        live = cluster.get(API, kind, "", name)
        if live is not None and (owner := _owner(live)) != stack:
            whose = f"of stack {owner}" if owner else "of somebody else"
            yield ClusterError(f"already exists, and is {whose}", f"{at}: {kind} {name}", remedy="rename it")
            continue
        try:
            cluster.apply(document, manager=MANAGER, force=True, dry_run=True)
        except Refused as refused:
            yield refused
    sources = {each.source for each in rules}
    for api, kind, key in _others(sets):
        for live in cluster.list(api, kind):
            called = live["metadata"]["name"]
            taken = sorted({each.get("source") for each in (live.get("spec") or {}).get(key) or ()} & sources)
            if taken and not (called == name and _owner(live) == stack):
                what = f"has mirrors of {', '.join(taken)} already: which of two is asked first, nothing says"
                yield ClusterError(what, f"{at}: {kind} {called}", remedy=_remedy(kind))


def _others(sets: Collection[MirrorSet]) -> Iterator[tuple[str, str, str]]:
    for each in sorted(sets):
        yield API, *KINDS[each]
    if "digest" in sets:
        yield OLDER


def _remedy(kind: str) -> str:
    if kind == OLDER[1]:
        return "it is deprecated: `oc adm migrate icsp` makes an ImageDigestMirrorSet of it; take these sources out"
    return "take them out of it, or leave `mirrorSets` to it"


def _owner(live: Mapping[str, Any]) -> str:
    return str((live["metadata"].get("annotations") or {}).get(STACK) or "")


def apply(
    cluster: Cluster,
    name: str,
    stack: str,
    sets: Collection[MirrorSet],
    rules: Collection[MirrorRule],
    policy: SourcePolicy,
) -> None:
    """Write the sets, and take away ours that are not among them; both can be repeated."""
    for document in documents(name, stack, sets, rules, policy):
        cluster.apply(document, manager=MANAGER, force=True)
    remove(cluster, name, stack, set(KINDS) - set(sets))


def remove(cluster: Cluster, name: str, stack: str, sets: Collection[MirrorSet]) -> None:
    """Take away these sets of a stack; what is not its own stays."""
    for each in sorted(sets):
        live = cluster.get(API, KINDS[each][0], "", name)
        if live is not None and _owner(live) == stack:
            cluster.delete(API, KINDS[each][0], "", name, uid=live["metadata"]["uid"])


def stand(
    cluster: Cluster,
    name: str,
    stack: str,
    sets: Collection[MirrorSet],
    rules: Collection[MirrorRule],
    policy: SourcePolicy,
) -> bool:
    """Whether the sets are there as they should be, and none of ours beside them."""
    wanted = {each["kind"]: each for each in documents(name, stack, sets, rules, policy)}
    for kind, _ in KINDS.values():
        live = cluster.get(API, kind, "", name)
        if kind in wanted:
            if live is None or live.get("spec") != wanted[kind]["spec"] or _owner(live) != stack:
                return False
        elif live is not None and _owner(live) == stack:
            return False
    return True
