"""Who may pull and push: the Secrets of a plan, who mounts them, and as whom registries are spoken to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from ..plan import Cluster, CredentialRef, Namespace, Plan, PullSecret
from .thing import Thing

_KEPT: Final = "stays, for what was switched pulls with it"
_DELETED: Final = "is deleted"


def secret_things(plan: Plan) -> Iterator[Thing]:
    """Yield all of a plan; no value is in any, since a plan has none."""
    for each in plan.registries:
        facts = {
            "pulls as": each.pull.username if each.pull else "",
            "pushes as": each.push.username if each.push else "",
        }
        yield Thing(
            "registry", each.host, facts, {"its endpoint": each.endpoint, "its credentials": (each.pull, each.push)}
        )
    for cluster in plan.clusters:
        for namespace in cluster.namespaces:
            yield from _of_namespace(f"{cluster.name}/{namespace.name}", namespace)
        yield from _of_cluster(cluster)


def _of_namespace(place: str, namespace: Namespace) -> Iterator[Thing]:
    leaving = _KEPT if namespace.runs_switched else _DELETED
    for kind, secret in (("pull Secret", namespace.pull_secret), ("push Secret", namespace.push_secret)):
        if secret is not None:
            yield _secret(kind, place, secret, leaving)
    if namespace.pull_secret is None:
        return
    for account in namespace.service_accounts:
        yield Thing("ServiceAccount", f"{place}/{account}", {"pulls with": namespace.pull_secret.name}, leaving=leaving)
    for account in namespace.builders:
        yield Thing("ServiceAccount that builds", f"{place}/{account}", {"mounts": namespace.pull_secret.name})


def _secret(kind: str, place: str, secret: PullSecret, leaving: str) -> Thing:
    facts = {
        "opens": _opens(secret.credentials),
        "of project": secret.project,
        "pushes to": secret.pushes,
    }
    quiet = {
        "its credentials": tuple(sorted(secret.credentials.items(), key=lambda each: each[0])),
        "metadata": {"labels": dict(secret.labels), "annotations": dict(secret.annotations)},
        "its keys": secret.keys,
    }
    return Thing(kind, f"{place}/{secret.name}", facts, quiet, leaving)


def _of_cluster(cluster: Cluster) -> Iterator[Thing]:
    if cluster.openshift:
        for opened in cluster.openshift.opens:
            facts = {"as": opened.username}
            yield Thing("global pull secret", f"{cluster.name}/{opened.host}", facts, {"credential": opened.credential})
    for each in cluster.rancher.projects if cluster.rancher else ():
        facts = {
            "opens": ", ".join(f"{host} with {name}" for host, name in sorted(each.credentials.items())),
            "copied to": ", ".join(each.namespaces),
        }
        leaving = _KEPT if each.keep else _DELETED
        yield Thing(
            "Secret of a project of Rancher's", f"{cluster.name}/{each.project}/{each.name}", facts, {}, leaving
        )


def _opens(credentials: Mapping[str, CredentialRef]) -> str:
    return " and ".join(f"{host} as {each.username}" for host, each in sorted(credentials.items()))
