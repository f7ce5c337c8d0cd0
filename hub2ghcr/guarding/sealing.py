"""Whether namespaces can be sealed: what runs on an image from Docker Hub could not be started again afterwards."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from ..cluster import Cluster
from ..errors import ClusterError
from .policy import excepted, from_hub, images

ENDED: Final = frozenset({"Failed", "Succeeded"})
STARTING: Final = (
    ("apps/v1", "DaemonSet"),
    ("apps/v1", "Deployment"),
    ("apps/v1", "StatefulSet"),
    ("batch/v1", "CronJob"),
)
"""Kinds that start Pods by and by, though none may run at the moment: a schedule, an autoscaler that went to zero."""
REMEDY: Final = "migrate what it belongs to, delete it, or except the image under clusters[].guard.exceptions"


def unsealed(
    cluster: Cluster, namespaces: Iterable[str], exceptions: Sequence[str] = (), aliases: Sequence[str] = ()
) -> list[ClusterError]:
    """Return an error for each object of these namespaces that runs, or would start, an image which a seal denies.

    Pods that have ended, or are about to, keep nobody from sealing, and neither does what is suspended.

    Raises:
        ClusterError: the cluster does not answer.
    """
    allowed = re.compile(excepted(exceptions, aliases)) if exceptions else None
    found = []
    for namespace in sorted(namespaces):
        for api_version, kind in (("v1", "Pod"), *STARTING):
            for each in cluster.list(api_version, kind, namespace):
                barred = {
                    image
                    for image in images(each)
                    if from_hub(image, aliases) and not (allowed and allowed.search(image))
                }
                if barred and not _over(each):
                    does = "a Pod still runs an image" if kind == "Pod" else "it would start Pods"
                    place = f"cluster {cluster.name}: namespace {namespace}: {kind} {each['metadata']['name']}"
                    what = f"is not sealed: {does} from Docker Hub"
                    found.append(ClusterError(what, place, ", ".join(sorted(barred)), REMEDY))
    return found


def _over(each: Mapping[str, Any]) -> bool:
    """Whether nothing more is started by an object."""
    ended = each["kind"] == "Pod" and (each.get("status") or {}).get("phase") in ENDED
    return ended or bool(each["metadata"].get("deletionTimestamp") or (each.get("spec") or {}).get("suspend"))
