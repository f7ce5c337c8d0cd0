"""What lies in the clusters of a stack and is its own: a killed run may not have told its state of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final

from ..cluster import Cluster
from ..errors import Refused
from ..owning import MANAGED_BY, MANAGER, stack_of
from ..plan import Namespace, Plan, Untouched, Workload
from .objects import Found

LABEL: Final = f"{MANAGED_BY}={MANAGER}"


class Looking:
    """A look at one cluster, or where its credential may not list all of it, at the plan's namespaces there.

    ``unseen`` tells what it may not list, a line each.
    """

    def __init__(self, name: str, cluster: Cluster, plan: Plan, manager: str) -> None:
        self.unseen: list[str] = []
        self._name, self._cluster, self._plan, self._manager = name, cluster, plan, manager
        self._namespaces = [one for each in plan.clusters if each.name == name for one in each.namespaces]
        self._whole = True

    def owned(self) -> Iterator[Found]:
        """Yield what is the stack's, of what we label and of the kinds that the plan has workloads of.

        That is what its manager applied whole, and what it switched that the settings name no more: of what they name
        the next run looks first in any case.
        """
        named = {*_named(self._namespaces)}
        kinds = {("v1", "Namespace"), ("v1", "Secret"), ("batch/v1", "CronJob")}
        kinds |= {("apps/v1", kind) for kind in ("DaemonSet", "Deployment", "StatefulSet")}
        kinds |= {(each.api_version, each.kind) for one in self._namespaces for each in one.workloads}
        for api_version, kind in sorted(kinds):
            for item in self._all(api_version, kind):
                metadata = item["metadata"]
                namespace, name = str(metadata.get("namespace", "")), str(metadata["name"])
                whole = any(each.get("manager") == self._manager for each in metadata.get("managedFields") or ())
                if whole or (self._switched(item) and (namespace, kind, name) not in named):
                    yield Found(self._name, api_version, kind, namespace, name, patched=not whole)

    def _switched(self, item: dict[str, Any]) -> bool:
        """Whether the stack has switched it: a ReplicaSet has the annotations of its Deployment, too."""
        made = any(each.get("controller") for each in item["metadata"].get("ownerReferences") or ())
        return stack_of(item) == self._plan.stack and not made

    def _all(self, api_version: str, kind: str) -> list[dict[str, Any]]:
        labels = LABEL if kind in ("Namespace", "Secret") else ""
        if self._whole:
            try:
                return list(self._cluster.list(api_version, kind, labels=labels))
            except Refused as refused:
                self._told(refused, "looked in the namespaces of the plan alone")
                self._whole = False
        found: list[dict[str, Any]] = []
        for namespace in (each.name for each in self._namespaces):
            try:
                if kind == "Namespace":
                    live = self._cluster.get(api_version, kind, "", namespace)
                    found += [live] if live else []
                else:
                    found += self._cluster.list(api_version, kind, namespace, labels=labels)
            except Refused as refused:
                self._told(refused, "not looked at")
        return found

    def _told(self, refused: Refused, instead: str) -> None:
        if not refused.forbidden:
            raise refused
        self.unseen.append(f"{refused.path}: {refused.what}: {instead}")


def declared(plan: Plan) -> Iterator[Found]:
    """Yield what the settings ask for, and this stack's manager applies whole."""
    for cluster in plan.clusters:
        for namespace in cluster.namespaces:
            if namespace.create:
                yield Found(cluster.name, "v1", "Namespace", "", namespace.name)
            if namespace.pull_secret and not namespace.pull_secret.project:
                yield Found(cluster.name, "v1", "Secret", namespace.name, namespace.pull_secret.name)
            if namespace.push_secret:
                yield Found(cluster.name, "v1", "Secret", namespace.name, namespace.push_secret.name)
        yield from _workloads(plan, cluster.name)


def _named(namespaces: Iterable[Namespace]) -> Iterator[tuple[str, str, str]]:
    """Yield namespace, kind and name of each workload that the settings know, those that they leave alone, too."""
    for namespace in namespaces:
        known: tuple[Workload | Untouched, ...] = (*namespace.all_workloads, *namespace.waiting, *namespace.untouched)
        yield from ((namespace.name, each.kind, each.name) for each in known)


def _workloads(plan: Plan, cluster: str) -> Iterator[Found]:
    for each in (one for found in plan.clusters if found.name == cluster for one in found.namespaces):
        for workload in each.workloads:
            if workload.delivery == "own":
                yield Found(cluster, workload.api_version, workload.kind, each.name, workload.name)
