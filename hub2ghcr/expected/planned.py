"""What a plan expects of one cluster."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from ..manifests import pod_kind
from ..plan import Cluster, Namespace, Workload
from ..pull_secrets.pulling import Image
from .expectation import Expectation, State
from .expectations import Expectations
from .grant import Grant

BUILDERS: Final = ("builder", "default", "deployer")
"""ServiceAccounts that a controller of OpenShift makes with every project."""


def expectations(cluster: Cluster, manager: str) -> Expectations:
    """Return what has to be there, or absent, for all that the plan declares in a cluster.

    ``manager`` is the field manager of what the stack owns.
    """
    return Expectations(
        manager,
        (*(each for namespace in cluster.namespaces for each in _of(namespace)), *_node_mirror(cluster)),
        tuple(each for namespace in cluster.namespaces for each in _grants(namespace)),
        cluster.take_from,
        cluster.platforms,
        cluster.guard,
        {} if cluster.platforms else {each.name: each.pulls for each in cluster.namespaces if _runs(each)},
        cluster.openshift,
    )


def _node_mirror(cluster: Cluster) -> Iterator[Expectation]:
    mirror = cluster.node_mirror
    named = {each.name for each in cluster.namespaces}
    if mirror and mirror.active and mirror.delivery == "daemonset" and mirror.namespace not in named:
        remedy = "create it, or set `nodeMirror.namespace`"
        yield Expectation("v1", "Namespace", "", mirror.namespace, "there", remedy)


def _runs(namespace: Namespace) -> bool:
    """Whether a namespace is to run what it pulls: before the switch it runs what it did."""
    return namespace.runs_switched and bool(namespace.pulls)


def _grants(namespace: Namespace) -> Iterator[Grant]:
    if secret := namespace.pull_secret:
        # what anyone can pull needs no Secret, and before the switch no workload needs ours
        pulled = [each for each in namespace.pulls if not each.public] if namespace.runs_switched else []
        images = tuple(Image(each.target, each.digest, each.platforms) for each in pulled)
        opened = {host: each.name for host, each in secret.credentials.items()}
        yield Grant(namespace.name, secret.name, opened, images)


def _of(namespace: Namespace) -> Iterator[Expectation]:
    name = namespace.name
    if namespace.create:
        yield Expectation("v1", "Namespace", "", name, "absent", f"set `create: false` of namespace {name}")
    else:
        remedy = f"create it, or set `create: true` of namespace {name}"
        yield Expectation("v1", "Namespace", "", name, "there", remedy, labels=namespace.selected)
    if namespace.pull_secret and namespace.pull_secret.project:
        yield Expectation("v1", "Secret", name, namespace.pull_secret.name, "copied")
    elif namespace.pull_secret:
        remedy = "choose another `pullSecretName`, or delete it"
        yield Expectation("v1", "Secret", name, namespace.pull_secret.name, "absent", remedy)
    if namespace.push_secret:
        remedy = "choose another `pushSecretName`, or delete it"
        yield Expectation("v1", "Secret", name, namespace.push_secret.name, "absent", remedy)
    owned = {each.name for each in namespace.workloads if each.kind == "ServiceAccount" and each.delivery == "own"}
    for account in namespace.service_accounts:
        if namespace.create and account == "default":
            continue  # a controller makes it with the namespace
        remedy = "create it, or take it out of `serviceAccounts`"
        if account in owned:
            remedy = "it appears with its workloads: list the pull Secret in its manifest, not in `serviceAccounts`"
        yield Expectation("v1", "ServiceAccount", name, account, "there", remedy)
    for account in namespace.builders:
        if not (namespace.create and account in BUILDERS):
            remedy = "create it, or take it out of `builders`"
            yield Expectation("v1", "ServiceAccount", name, account, "there", remedy)
    for each in namespace.workloads:
        yield _workload(name, each)
    for each in namespace.waiting:
        yield _workload(name, each)


def _workload(namespace: str, each: Workload) -> Expectation:
    state: State = "absent"
    remedy = "set `delivery: patch`, or `adopt: true`"
    if each.delivery == "patch":
        state, remedy = "patched", "apply it first, or set `delivery: own`"
    elif each.adopt:
        state, remedy = "adopted", "apply it first, or set `adopt: false`"
    if each.recreate and each.delivery == "patch":
        state = "recreated"
    kind = pod_kind(each.document)
    if kind and kind.fixed and each.was and state == "absent":
        state = "remade" if each.recreate else "fixed"
    was: dict[str, tuple[str, ...]] = {}
    for image in each.images:
        was[image.after] = (*was.get(image.after, ()), image.before)
    looked_at = state in ("patched", "recreated", "fixed", "remade") or (state == "adopted" and each.images)
    document = each.document if looked_at else None
    return Expectation(each.api_version, each.kind, namespace, each.name, state, remedy, document, was, each.switched)
