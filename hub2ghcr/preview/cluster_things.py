"""What a plan does in clusters, but for images and Secrets: phases, namespaces, workloads, guards, mirrors of nodes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from ..plan import Cluster, Namespace, NodeMirror, Plan, Workload
from .thing import Thing

_LEFT: Final = "leaves the stack and stays in the cluster as it is"
_GOES: Final = "is deleted: it may be made anew"


def cluster_things(plan: Plan) -> Iterator[Thing]:
    """Yield all of a plan, the stack itself first."""
    yield Thing("stack", plan.stack, {"phase": plan.phase, "images": plan.mirror, "way back": plan.rollback})
    for cluster in plan.clusters:
        yield from _cluster(cluster)
        for namespace in cluster.namespaces:
            yield from _namespace(cluster, namespace)


def _cluster(cluster: Cluster) -> Iterator[Thing]:
    quiet = {"how it is reached": cluster.reach, "whose fields are taken": cluster.take_from}
    yield Thing("cluster", cluster.name, {"platforms": ", ".join(cluster.platforms)}, quiet)
    if guard := cluster.guard:
        facts = {
            "audits": ", ".join(guard.audit),
            "denies in": ", ".join(guard.deny),
            "lets through": ", ".join(guard.exceptions),
        }
        yield Thing("guard", f"{cluster.name}/{guard.name}", facts, {"aliases": guard.aliases}, "is deleted")
    if cluster.node_mirror:
        yield _mirror(cluster.name, cluster.node_mirror)
    if found := cluster.openshift:
        for rule in found.rules:
            facts = {"pulls from": rule.mirror, "from": "now on" if found.mirrored else "cutover on", "": found.policy}
            yield Thing("mirror of OpenShift's nodes", f"{cluster.name}/{rule.source}", facts)


def _mirror(cluster: str, mirror: NodeMirror) -> Thing:
    facts = {
        "": "active" if mirror.active else "not active yet",
        "routes": ", ".join(f"{each.registry} → {each.target}" for each in mirror.routes),
        "delivery": mirror.delivery,
        "what is not there": "from its registry" if mirror.fallback else "is not pulled",
    }
    return Thing("mirror of nodes", f"{cluster}/{mirror.layout}", facts, {"all that it says": mirror})


def _namespace(cluster: Cluster, namespace: Namespace) -> Iterator[Thing]:
    place = f"{cluster.name}/{namespace.name}"
    facts = {
        "phase": namespace.phase,
        "": "is created" if namespace.create else "",
        "workloads wait": "" if namespace.on_unready == "hold" else "each for its own images",
    }
    quiet = {"metadata": {"labels": dict(namespace.labels)}, "rollOutSeconds": namespace.roll_out_seconds}
    yield Thing("namespace", place, facts, quiet, "stays")
    for each in (*namespace.all_workloads, *namespace.waiting):
        yield _workload(place, each, waiting=each in namespace.waiting)
    for source in namespace.sources:
        yield Thing(
            "rendered source", f"{place}/{source.path}", {"by": source.by}, {"what goes into it": source.digest}
        )
    for build in namespace.builds:
        facts = {"from": build.context.where, "pushes to": ", ".join(build.destinations), "as": build.push}
        yield Thing("build", f"{place}/{build.name}", facts, {"how it is built": build})


def _workload(place: str, workload: Workload, waiting: bool) -> Thing:
    facts = {
        "delivery": workload.delivery,
        "": "is made at cutover" if waiting else "is adopted" if workload.adopt else "",
        "adds": ", ".join(workload.pull_secrets),
    }
    leaving = _GOES if workload.recreate and workload.delivery == "own" else _LEFT
    name = f"{place}/{workload.name}"
    quiet = {"document": workload.document, "may be made anew": workload.recreate}
    return Thing(workload.kind, name, facts, quiet, leaving)
