"""The way back to the images as they were: whether Pods could start on them, asked before any of them is replaced.

An old image is at hand where every node that would start it has it already (``status.images``, and the container does
not pull always), or where its registry lets it be pulled: it answers, with a credential of the namespace, and as many
pulls are left as nodes have to pull. Docker Hub is asked by HEAD, which costs no pull and tells what is left.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from ..allowance import Allowance, Budget
from ..cluster import Cluster
from ..credentials import Credential
from ..errors import ClusterError, Hub2GhcrError, InvalidReference, NotFound, RegistryError
from ..manifests import pod_spec
from ..pull_secrets.pulling import readers
from ..pull_secrets.secret import KEYS, read
from ..reference import DEFAULT_TAG, Reference
from ..registry import Registry
from .patching import Object, as_live, switched
from .rollout import images_of, own_pods

REMEDY: Final = "make it pullable, or set `rollback: forced`"

Opens = Callable[[str, Credential | None, Budget], Registry]
"""Returns the client of a registry host as somebody, or nobody, is answered there; a budget hears of pulls left."""


@dataclass(frozen=True, slots=True)
class Leaving:
    """A workload whose ``document`` has its images as they were; ``patched`` it leaves only if we switched it."""

    document: Object
    patched: bool

    @property
    def key(self) -> tuple[str, str, str]:
        """Its apiVersion, kind and name."""
        return self.document["apiVersion"], self.document["kind"], self.document["metadata"]["name"]


@dataclass(frozen=True, slots=True)
class Needed:
    """An image that Pods would start on again: for whom, and on which nodes (empty: nobody knows yet)."""

    image: str
    workloads: tuple[str, ...]
    nodes: frozenset[str]
    always: bool

    def without(self, nodes: Iterable[str]) -> Needed:
        """Return what is left to be pulled where some nodes have the image."""
        return self if self.always else replace(self, nodes=self.nodes - frozenset(nodes))


def needed(cluster: Cluster, namespace: str, leaving: Sequence[Leaving]) -> list[Needed]:
    """Return the images that the way back needs, sorted; none where nothing was switched.

    Raises:
        ClusterError: the cluster does not answer.
    """
    kinds = sorted({each.key[:2] for each in leaving})
    live = {
        (api_version, kind, each["metadata"]["name"]): each
        for api_version, kind in kinds
        for each in cluster.list(api_version, kind, namespace)
    }
    found: dict[tuple[str, bool], tuple[list[str], set[str]]] = {}
    pods: list[dict[str, Any]] | None = None
    for each in leaving:
        workload = live.get(each.key)
        if workload is None or (each.patched and not switched(workload)):
            continue
        for container, image, always in _going(each.document, workload):
            pods = list(cluster.list("v1", "Pod", namespace)) if pods is None else pods
            workloads, nodes = found.setdefault((image, always), ([], set()))
            workloads.append(f"{workload['kind']} {workload['metadata']['name']}")
            now = images_of(workload)[container]
            nodes |= {
                str(pod["spec"].get("nodeName"))
                for pod in own_pods(workload, pods)
                if images_of(pod).get(container) == now and pod["spec"].get("nodeName")
            }
    return [
        Needed(image, tuple(sorted(set(workloads))), frozenset(nodes), always)
        for (image, always), (workloads, nodes) in sorted(found.items())
    ]


def _going(document: Object, live: Object) -> Iterator[tuple[str, str, bool]]:
    """Yield container, image and whether it always pulls, of each container whose image is another one."""
    there = images_of(as_live(document, live))
    spec = pod_spec(live) or {}
    policies = {
        each["name"]: each.get("imagePullPolicy")
        for key in ("initContainers", "containers")
        for each in spec.get(key) or ()
    }
    for container, image in images_of(document).items():
        if container in there and there[container] != image:
            yield container, image, policies.get(container) == "Always"


def held(cluster: Cluster) -> dict[str, frozenset[str]]:
    """Return, by canonical image, the nodes that have it; a kubelet tells of its fifty largest images by default.

    Without the right to read nodes nothing is known of them.
    """
    found: dict[str, set[str]] = {}
    try:
        for node in cluster.list("v1", "Node"):
            for each in (node.get("status") or {}).get("images") or ():
                for name in each.get("names") or ():
                    found.setdefault(_canonical(name), set()).add(str(node["metadata"]["name"]))
    except ClusterError:
        return {}
    return {name: frozenset(nodes) for name, nodes in found.items()}


def obstacles(
    cluster: Cluster, namespace: str, wanted: Sequence[Needed], own: Mapping[str, Credential], opens: Opens
) -> list[ClusterError]:
    """Return why the way back is barred, an error for each image; none where it is open.

    Args:
        cluster: where Pods would start.
        namespace: theirs.
        wanted: what they would start on.
        own: credentials that the namespace's pull Secret has or will have by then, by registry host.
        opens: how registries are asked.
    """
    nodes = held(cluster)
    left = [
        each
        for one in wanted
        if (each := one.without(nodes.get(_canonical(one.image), ()))).nodes or each.always or not one.nodes
    ]
    if not left:
        return []
    secrets = _secrets(cluster, namespace)
    found: list[ClusterError] = []
    spent: dict[str, int] = {}
    told: dict[str, Allowance] = {}
    for each in left:
        place = f"cluster {cluster.name}: namespace {namespace}: {', '.join(each.workloads)}"
        try:
            reference = Reference.parse(each.image)
            host, allowance = _asked(reference, _credentials(reference, own, secrets), opens)
        except Hub2GhcrError as error:
            what = f"cannot go back to {each.image}, which not every node has: {error}"
            found.append(ClusterError(what, place, remedy=REMEDY))
            continue
        spent[host] = spent.get(host, 0) + max(len(each.nodes), 1)
        if allowance is not None:
            told[host] = allowance
    for host, allowance in sorted(told.items()):
        if allowance.remaining < spent[host]:
            what = f"the way back takes {spent[host]} pulls of {host}, and {allowance.remaining} are left"
            remedy = "wait until they are renewed, or set `rollback: forced`"
            images = ", ".join(each.image for each in left)
            found.append(ClusterError(what, f"cluster {cluster.name}: namespace {namespace}", images, remedy))
    return found


def _asked(
    reference: Reference, credentials: Iterable[Credential | None], opens: Opens
) -> tuple[str, Allowance | None]:
    """Ask for an image as each of those that may read it, until one may; return its registry and what is left there."""
    refused: RegistryError = NotFound("nobody may read it", reference.canonical)
    for credential in credentials:
        budget = Budget()
        try:
            there = opens(reference.registry, credential, budget).head_manifest(
                reference.repository, reference.digest or reference.tag or DEFAULT_TAG
            )
        except RegistryError as error:
            refused = error
            continue
        if there is not None:
            return reference.registry, budget.allowances.get(reference.registry)
        refused = NotFound("the registry does not have it, or hides it", reference.canonical)
    raise refused


def _credentials(
    reference: Reference, own: Mapping[str, Credential], secrets: Iterable[Object]
) -> list[Credential | None]:
    found: list[Credential | None] = [own[reference.registry]] if reference.registry in own else []
    for each in secrets:
        try:
            found += readers(read(each, "").entries, f"{reference.registry}/{reference.repository}")
        except Hub2GhcrError:
            continue  # one that no kubelet can read opens nothing
    return list(dict.fromkeys([*found, None]))


def _secrets(cluster: Cluster, namespace: str) -> list[dict[str, Any]]:
    try:
        return [each for type_ in KEYS for each in cluster.list("v1", "Secret", namespace, fields=f"type={type_}")]
    except ClusterError:
        return []  # without the right to read them, what the settings name is all that there is to try with


def _canonical(text: str) -> str:
    try:
        found = Reference.parse(text)
    except InvalidReference:
        return text
    if found.digest:
        return f"{found.name}@{found.digest}"
    return f"{found.name}:{found.tag or DEFAULT_TAG}"
