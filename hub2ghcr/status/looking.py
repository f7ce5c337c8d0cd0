"""Looking at clusters and registries, many namespaces at a time. Nothing is written."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Final

from ..cluster import Cluster
from ..credentials.keyring import Entry
from ..errors import ClusterError, Hub2GhcrError, RegistryError
from ..guarding.policy import API, audit_name, deny_name
from ..manifests import pod_spec
from ..owning import owner
from ..places.table import CONTAINER_LISTS
from ..plan import Guard, Namespace, Plan, Pull
from ..pull_secrets import secret as pull_secret
from ..pull_secrets import service_account
from ..pull_secrets.pulling import Image, Puller, pull_with
from ..reference import Reference
from ..registry import Registries
from ..switching import watching
from ..switching.rollout import Standing, images_of
from ..switching.watching import Seen, Watched
from .facts import Facts, Name, Running
from .judging import judge
from .nouns import Guarding, Status

JOBS: Final = 8
"""Namespaces looked at at the same time."""


@dataclass(frozen=True, slots=True)
class Asking:
    """Who is asked: the clusters by name, whoever pulls as a Secret says, and the registries as we read them."""

    clusters: Mapping[str, Cluster]
    puller: Puller
    registries: Registries


def look(plan: Plan, asking: Asking, told: Callable[[int, int], object] = lambda *_: None) -> tuple[Status, ...]:
    """Return where every namespace of a plan stands, in the plan's order.

    Args:
        plan: the stack's.
        asking: who is asked.
        told: hears how many are done, and of how many.

    Raises:
        Problems: clusters that cannot be asked.
    """
    jobs = [(cluster.name, cluster.guard, each) for cluster in plan.clusters for each in cluster.namespaces]
    guards = {cluster.name: _guards(asking.clusters[cluster.name], cluster.guard) for cluster in plan.clusters}

    def one(job: tuple[str, Guard | None, Namespace]) -> Status:
        name, guard, namespace = job
        facts = _facts(asking, name, namespace, guards[name].get(namespace.name, "none"))
        return judge(name, namespace, facts, _wanted(guard, namespace))

    found: list[Status] = []
    with ThreadPoolExecutor(JOBS) as pool:
        for each in pool.map(one, jobs):
            found.append(each)
            told(len(found), len(jobs))
    return tuple(found)


def _wanted(guard: Guard | None, namespace: Namespace) -> Guarding:
    if guard is None or namespace.name not in (*guard.audit, *guard.deny):
        return "none"
    return "deny" if namespace.name in guard.deny else "audit"


def _guards(cluster: Cluster, guard: Guard | None) -> dict[str, Guarding]:
    """Return what the guard does, by namespace, as its live bindings say; a policy that is not there does nothing."""
    if guard is None or cluster.live(API, "ValidatingAdmissionPolicy", "", guard.name) is None:
        return {}
    found: dict[str, Guarding] = {}
    bindings: tuple[tuple[str, Guarding], ...] = ((audit_name(guard.name), "audit"), (deny_name(guard.name), "deny"))
    for name, does in bindings:
        binding = cluster.get(API, "ValidatingAdmissionPolicyBinding", "", name)
        spec: Mapping[str, Any] = (binding or {}).get("spec") or {}
        selector = (spec.get("matchResources") or {}).get("namespaceSelector") or {}
        for each in selector.get("matchExpressions") or ():
            found |= {str(value): does for value in each.get("values") or ()}
    return found


def _facts(asking: Asking, name: str, namespace: Namespace, guard: Guarding) -> Facts:
    cluster = asking.clusters[name]
    if cluster.live("v1", "Namespace", "", namespace.name) is None:
        return Facts(False, guard=guard)
    refused = _refused(asking, cluster, namespace)
    secret = namespace.pull_secret
    entries = [
        each
        for each in namespace.service_accounts
        if secret and not service_account.has_entry(cluster, namespace.name, each, secret.name)
    ]
    wanted = [
        Watched(each.api_version, each.kind, each.name, images_of(each.document), digests=namespace.digests)
        for each in namespace.all_workloads
    ]
    seen = watching.see(cluster, namespace.name, wanted)
    standing, failed = watching.look(cluster, namespace.name, wanted, seen=seen)
    standing |= {title: Standing("failed", "; ".join(map(_said, each))) for title, each in failed.items()}
    return Facts(
        True,
        refused,
        _absent(asking.registries, [each for each in namespace.pulls if each.target in refused]),
        tuple(entries),
        _running(wanted, seen, standing),
        tuple(_images(pod) for pod in seen.pods if _stays(pod)),
        guard,
    )


def _refused(asking: Asking, cluster: Cluster, namespace: Namespace) -> dict[str, str]:
    """Return why each image is not pulled as the namespace's Pods do; those that are pulled are left out.

    Workloads of public images alone list no Secret: what they need is that anyone can pull, as `PullCheck` proves it.
    """
    entries: Mapping[str, Entry] = {}
    refused: dict[str, str] = {}
    if namespace.pull_secret:
        name = namespace.pull_secret.name
        found = cluster.get("v1", "Secret", namespace.name, name)
        try:
            if found is None:
                raise ClusterError("is not there", f"Secret {name}")
            entries = pull_secret.read(found, f"namespace {namespace.name}").entries
        except Hub2GhcrError as error:
            refused = {each.target: str(error) for each in namespace.pulls if not each.public}
    for each in namespace.pulls:
        if each.target in refused:
            continue
        image = Image(each.target, each.digest, each.platforms)
        try:
            pull_with(asking.puller, image, {} if each.public else entries)
        except Hub2GhcrError as error:
            refused[each.target] = _said(error)
    return refused


def _said(error: Hub2GhcrError) -> str:
    """Return an error without its place."""
    return f"{error.what}; {error.remedy}" if error.remedy else error.what


def _absent(registries: Registries, pulls: Iterable[Pull]) -> dict[str, str]:
    """Return why each image is not known to be at its target."""
    absent: dict[str, str] = {}
    for each in pulls:
        reference = Reference.parse(each.target)
        try:
            if registries.at(reference.registry).head_manifest(reference.repository, each.digest) is None:
                absent[each.target] = "it is not there; `hub2ghcr copy` copies it"
        except RegistryError as error:
            absent[each.target] = f"not known: {error.what}"
    return absent


def _running(wanted: Iterable[Watched], seen: Seen, standing: Mapping[str, Standing]) -> dict[Name, Running]:
    found: dict[Name, Running] = {}
    for each in wanted:
        live = seen.workloads.get((each.api_version, each.kind, each.name))
        if live is not None:
            found[each.kind, each.name] = Running(images_of(live), standing[each.title], owner(live))
    return found


def _stays(pod: Mapping[str, Any]) -> bool:
    ended = (pod.get("status") or {}).get("phase") in ("Succeeded", "Failed")
    return "deletionTimestamp" not in pod["metadata"] and not ended


def _images(pod: Mapping[str, Any]) -> tuple[str, ...]:
    spec = pod_spec(pod) or {}
    return tuple(str(each["image"]) for key in CONTAINER_LISTS for each in spec.get(key) or () if each.get("image"))
