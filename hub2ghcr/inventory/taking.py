"""The facts of one cluster, asked in few requests: a list of each kind, of all namespaces where many are wanted."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import Any, Final

from ..cluster import Cluster, Right
from ..errors import Hub2GhcrError, Refused, raise_all
from ..lock import Lock
from ..places import BUILT_IN, Places
from ..pull_secrets import secret as pull_secret
from . import seeing
from .facts import SYSTEM, AccountFacts, ClusterFacts, NamespaceFacts, RunningFacts, SecretFacts, WorkloadFacts
from .imported import Imported
from .seeing import Controller
from .spelling import Spelling
from .state import state

JOBS: Final = 8
"""Lists that are asked for at the same time."""
MANY: Final = 8
"""Namespaces above which the whole cluster is listed."""

BUILT: Final = (
    ("apps/v1", "Deployment"),
    ("apps/v1", "StatefulSet"),
    ("apps/v1", "DaemonSet"),
    ("apps/v1", "ReplicaSet"),
    ("batch/v1", "CronJob"),
    ("batch/v1", "Job"),
    ("v1", "ReplicationController"),
    ("v1", "Pod"),
)
"""Kubernetes' own kinds that run Pods."""

_NEEDED: Final = frozenset({*BUILT, ("v1", "ServiceAccount")})
_PASSED_ON: Final = frozenset({"ReplicaSet", "Job", "Pod", "ReplicationController"})
"""Kinds that stand for what controls them."""

Object = Mapping[str, Any]
Observe = Callable[[int, int], None]
"""Told how many lists of how many are read."""


@dataclass(frozen=True)
class Wanted:
    """What of a cluster is of interest.

    Attributes:
        namespaces: by name.
        selector: labels of further namespaces; None for no further ones.
        ours: names of our pull Secrets.
        places: rows that settings add to the table of places.
    """

    namespaces: Collection[str]
    selector: Mapping[str, str] | None = None
    ours: frozenset[str] = frozenset()
    places: Places | None = None


@dataclass(frozen=True)
class Taken:
    """The facts of a cluster, and in ``notes`` what could not be learnt."""

    facts: ClusterFacts
    notes: tuple[str, ...] = ()


def take(cluster: Cluster, wanted: Wanted, spelling: Spelling | None = None, observe: Observe | None = None) -> Taken:
    """Return the facts of one cluster.

    Raises:
        ClusterError: it is unreachable, or refuses the credential.
        Problems: all that the credential may not list. Nodes, Secrets and custom resources are not needed: what lacks
            is noted.
    """
    version = cluster.version()
    problems: list[Hub2GhcrError] = []
    there = _namespaces(cluster, wanted, problems)
    asking = _Asking(cluster, wanted, spelling, frozenset(there), problems)
    kinds = [*BUILT, *_custom(cluster, wanted.places)]
    jobs: list[Callable[[], None]] = [asking.nodes]
    for within in asking.scopes():
        jobs += [asking.job(asking.workloads, *kind, within) for kind in kinds]
        jobs.append(asking.job(asking.accounts, "v1", "ServiceAccount", within))
        jobs += [asking.job(asking.secrets, "v1", "Secret", within, f"type={each}") for each in pull_secret.KEYS]
    with ThreadPoolExecutor(JOBS) as pool:
        for done, _ in enumerate(pool.map(lambda job: job(), jobs), start=1):
            if observe is not None:
                observe(done, len(jobs))
    raise_all(problems)
    found = asking.found()
    named = (image.image for each in found.values() for workload in each.workloads for image in workload.images)
    facts = ClusterFacts(
        cluster.name,
        version,
        tuple(sorted(asking.platforms)),
        tuple(sorted(asking.runtimes)),
        tuple(replace(found[name], labels=there[name].labels, project=there[name].project) for name in sorted(there)),
        asking.imported.among(named, spelling.lock if spelling else Lock()),
    )
    return Taken(facts, tuple(sorted(asking.notes)))


def _namespaces(cluster: Cluster, wanted: Wanted, problems: list[Hub2GhcrError]) -> dict[str, NamespaceFacts]:
    """Return what the namespaces that are wanted and there say of themselves; those that may not be asked for, too."""
    listed: list[Object] = []
    unknown: dict[str, NamespaceFacts] = {}
    try:
        if wanted.selector is not None:
            labels = ",".join(f"{key}={value}" for key, value in sorted(wanted.selector.items()))
            selected = cluster.list("v1", "Namespace", labels=labels)
            listed += [each for each in selected if not str(each["metadata"]["name"]).startswith(SYSTEM)]
        missing = set(wanted.namespaces) - {str(each["metadata"]["name"]) for each in listed}
        if len(missing) > MANY:
            listed += [each for each in cluster.list("v1", "Namespace") if each["metadata"]["name"] in missing]
        else:
            listed += filter(None, (cluster.get("v1", "Namespace", "", name) for name in sorted(missing)))
    except Refused as error:
        problems.append(error)
        unknown = {
            name: NamespaceFacts(name) for name in wanted.namespaces
        }  # what else is refused there is told in the same run
    return unknown | {each.name: each for each in map(seeing.namespace, listed)}


def _custom(cluster: Cluster, places: Places | None) -> Iterator[tuple[str, str]]:
    """Yield the custom resources that the table of places knows and the cluster serves, in the preferred version."""
    groups = cluster.groups()
    own = {group for api_version, _ in BUILT for group in (api_version.rpartition("/")[0],)}
    rows = {(row.group, row.kind) for row in BUILT_IN.with_(places).rows if not row.wild}
    for group, kind in sorted(rows):
        if group not in own and group in groups and cluster.serves(groups[group], kind):
            yield groups[group], kind


@dataclass
class _Asking:
    """What was learnt so far, from many threads; each list is read by one of them, and kept apart until the end."""

    cluster: Cluster
    wanted: Wanted
    spelling: Spelling | None
    names: frozenset[str]
    problems: list[Hub2GhcrError]
    notes: set[str] = field(default_factory=set)
    platforms: set[str] = field(default_factory=set)
    runtimes: set[str] = field(default_factory=set)
    seen: list[tuple[str, WorkloadFacts | AccountFacts | SecretFacts]] = field(default_factory=list)
    controllers: dict[tuple[str, Controller], Controller] = field(default_factory=dict)
    pods: list[tuple[str, Controller, tuple[RunningFacts, ...]]] = field(default_factory=list)
    imported: Imported = field(default_factory=Imported)

    def scopes(self) -> tuple[str, ...]:
        """Return the namespaces to list one by one; the empty one is all of them."""
        if len(self.names) <= MANY:
            return tuple(sorted(self.names))
        missing = self.cluster.allowed(Right("list", each) for each in ("pods", "deployments.apps"))
        return tuple(sorted(self.names)) if missing else ("",)

    def job(self, read: Callable[[Object], None], api_version: str, kind: str, within: str, fields: str = "") -> Any:
        """Return the reading of one list."""

        def run() -> None:
            try:
                for each in self.cluster.list(api_version, kind, within, fields=fields):
                    if each["metadata"].get("namespace") in self.names:
                        read(each)
            except Refused as error:
                if (api_version, kind) in _NEEDED:
                    self.problems.append(error)
                else:
                    self.notes.add(f"{error}; what is known without them is written")

        return run

    def nodes(self) -> None:
        """Learn the platforms of the nodes, and the names that their images have there."""
        try:
            for each in self.cluster.list("v1", "Node"):
                status = each.get("status") or {}
                for image in status.get("images") or ():
                    self.imported.on_node(image.get("names") or ())
                info = status.get("nodeInfo") or {}
                if info.get("operatingSystem"):  # a node that never came up has told nothing
                    self.platforms.add(f"{info['operatingSystem']}/{info['architecture']}")
                    self.runtimes.add(str(info.get("containerRuntimeVersion")))
        except Refused as error:
            self.notes.add(f"{error}; which platforms images need is not known")

    def workloads(self, obj: Object) -> None:
        """Take note of a workload, and of what a Pod runs; what another object controls stands for that one."""
        namespace = str(obj["metadata"]["namespace"])
        itself = str(obj["apiVersion"]), str(obj["kind"]), str(obj["metadata"]["name"])
        above = seeing.controller(obj)
        if itself[1] == "Pod" and not state(obj).get("finished"):
            self.pods.append((namespace, above or itself, tuple(seeing.running(obj))))
            for image, pulled in seeing.pulled(obj):
                self.imported.in_pod(image, pulled)
        if above is not None and itself[1] in _PASSED_ON:
            self.controllers[namespace, itself] = above
            return
        found = seeing.workload(obj, self.cluster.name, self.spelling, self.wanted.ours, self.wanted.places)
        if found.images:
            self.seen.append((namespace, found))

    def accounts(self, obj: Object) -> None:
        """Take note of a ServiceAccount."""
        self.seen.append((str(obj["metadata"]["namespace"]), seeing.account(obj, self.wanted.ours)))

    def secrets(self, obj: Object) -> None:
        """Take note of a pull Secret."""
        self.seen.append((str(obj["metadata"]["namespace"]), seeing.secret(obj)))

    def found(self) -> dict[str, NamespaceFacts]:
        """Return all of it by namespace, sorted."""
        runs = self._running()
        by: dict[str, list[WorkloadFacts | AccountFacts | SecretFacts]] = {name: [] for name in self.names}
        for namespace, each in self.seen:
            by[namespace].append(each)
        facts = {}
        for name, all_ in by.items():
            here = {(each.api_version, each.kind, each.name): each for each in _only(WorkloadFacts, all_)}
            for key in runs.get(name, {}):
                # what controls Pods and names no image that we know how to read: a custom resource
                here.setdefault(key, WorkloadFacts(*key))
            workloads = [
                replace(each, running=tuple(sorted(runs.get(name, {}).get(key, ())))) for key, each in here.items()
            ]
            facts[name] = NamespaceFacts(
                name,
                accounts=tuple(sorted(_only(AccountFacts, all_), key=lambda each: each.name)),
                secrets=tuple(sorted(_only(SecretFacts, all_), key=lambda each: each.name)),
                workloads=tuple(sorted(workloads, key=lambda each: each.key)),
            )
        return facts

    def _running(self) -> dict[str, dict[Controller, set[RunningFacts]]]:
        """Return what Pods run, by namespace and by what controls them in the end."""
        runs: dict[str, dict[Controller, set[RunningFacts]]] = {}
        for namespace, top, running in self.pods:
            for _ in range(len(BUILT)):  # a chain is short; a loop of references has no end
                if (namespace, top) not in self.controllers:
                    break
                top = self.controllers[namespace, top]
            runs.setdefault(namespace, {}).setdefault(top, set()).update(running)
        return runs


def _only(kind: type, found: Iterable[Any]) -> Iterator[Any]:
    return (each for each in found if isinstance(each, kind))
