"""Whether namespaces can be sealed: what runs on an image from Docker Hub could not be started again afterwards."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from ..cluster import Cluster
from ..errors import ClusterError, Refused
from ..switching.rollout import own_pods, standing
from .policy import excepted, from_hub, images

ENDED: Final = frozenset({"Failed", "Succeeded"})
STARTING: Final = (
    ("apps/v1", "DaemonSet"),
    ("apps/v1", "Deployment"),
    ("apps/v1", "StatefulSet"),
    ("batch/v1", "CronJob"),
)
"""Kinds that start Pods by and by, though none may run at the moment: a schedule, an autoscaler that went to zero."""
MANY: Final = 8
"""Namespaces from which on each kind is listed once for the whole cluster."""
REMEDY: Final = "migrate what it belongs to, delete it, or except the image under clusters[].guard.exceptions"

Object = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Moving:
    """A live workload that is switched before its namespace is sealed, and the images, as it has them, that go."""

    live: Object
    images: frozenset[str]


def unsealed(
    cluster: Cluster,
    namespaces: Iterable[str],
    exceptions: Sequence[str] = (),
    aliases: Sequence[str] = (),
    moving: Iterable[Moving] = (),
) -> list[ClusterError]:
    """Return an error for each object of these namespaces that runs, or would start, an image which a seal denies.

    Pods that have ended, or are about to, keep nobody from sealing, and neither does what is suspended.

    Args:
        cluster: where they are.
        namespaces: to be sealed.
        exceptions: patterns of images that are let through.
        aliases: further hosts that are Docker Hub's.
        moving: what will have moved by then: it and its Pods may still have the images that go. Pods that keep theirs
            (of what is paused, or below a partition) may not.

    Raises:
        ClusterError: the cluster does not answer.
    """
    allowed = re.compile(excepted(exceptions, aliases)) if exceptions else None
    there = _there(cluster, sorted(namespaces))
    going = _going(there, moving)
    found = []
    for namespace, objects in there.items():
        for each in objects:
            barred = {
                image
                for image in images(each)
                if from_hub(image, aliases)
                and not (allowed and allowed.search(image))
                and image not in going.get(_key(each), ())
            }
            if barred and not _over(each):
                does = "a Pod still runs an image" if each["kind"] == "Pod" else "it would start Pods"
                place = f"cluster {cluster.name}: namespace {namespace}: {each['kind']} {each['metadata']['name']}"
                what = f"is not sealed: {does} from Docker Hub"
                found.append(ClusterError(what, place, ", ".join(sorted(barred)), REMEDY))
    return found


def _there(cluster: Cluster, namespaces: Collection[str]) -> dict[str, list[Object]]:
    """Return what runs, or starts Pods, by namespace."""
    found: dict[str, list[Object]] = {name: [] for name in namespaces}
    for api_version, kind in (("v1", "Pod"), *STARTING):
        for each in _listed(cluster, api_version, kind, namespaces):
            if (name := str(each["metadata"].get("namespace"))) in found:
                found[name].append(each)
    return found


def _listed(cluster: Cluster, api_version: str, kind: str, namespaces: Collection[str]) -> Iterator[Object]:
    if len(namespaces) >= MANY:
        try:
            yield from list(cluster.list(api_version, kind))
            return
        except Refused:
            pass  # a credential of some namespaces
    for name in namespaces:
        yield from cluster.list(api_version, kind, name)


def _going(there: Mapping[str, Sequence[Object]], moving: Iterable[Moving]) -> dict[tuple[str, ...], frozenset[str]]:
    """Return the images that go, by object, and by Pod."""
    found: dict[tuple[str, ...], frozenset[str]] = {}
    for each in moving:
        pods = [one for one in there.get(_key(each.live)[0], ()) if one["kind"] == "Pod"]
        for one in (each.live, *(() if _keeps_pods(each.live) else own_pods(each.live, pods))):
            found[_key(one)] = found.get(_key(one), frozenset()) | each.images
    return found


def _keeps_pods(live: Object) -> bool:
    """Whether Pods of a workload go on as they are when it is switched: a run notes that, and does not wait."""
    told = standing(live, (), {})
    return told.state == "done" and bool(told.why)


def _key(each: Object) -> tuple[str, str, str]:
    return str(each["metadata"].get("namespace")), str(each["kind"]), str(each["metadata"]["name"])


def _over(each: Object) -> bool:
    """Whether nothing more is started by an object."""
    ended = each["kind"] == "Pod" and (each.get("status") or {}).get("phase") in ENDED
    return ended or bool(each["metadata"].get("deletionTimestamp") or (each.get("spec") or {}).get("suspend"))
