"""Whether namespaces can be sealed: a Pod that runs an image from Docker Hub could not be replaced afterwards."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final

from ..cluster import Cluster
from ..errors import ClusterError
from .policy import excepted, from_hub, images

ENDED: Final = frozenset({"Failed", "Succeeded"})


def unsealed(
    cluster: Cluster, namespaces: Iterable[str], exceptions: Sequence[str] = (), aliases: Sequence[str] = ()
) -> list[ClusterError]:
    """Return an error for each Pod of these namespaces that runs an image which a seal denies.

    Pods that have ended, or are about to, keep nobody from sealing.

    Raises:
        ClusterError: the cluster does not answer.
    """
    allowed = re.compile(excepted(exceptions, aliases)) if exceptions else None
    found = []
    for namespace in sorted(namespaces):
        for pod in cluster.list("v1", "Pod", namespace):
            if (pod.get("status") or {}).get("phase") in ENDED or pod["metadata"].get("deletionTimestamp"):
                continue
            barred = [
                image for image in images(pod) if from_hub(image, aliases) and not (allowed and allowed.search(image))
            ]
            if barred:
                what = "is not sealed: a Pod still runs an image from Docker Hub"
                place = f"cluster {cluster.name}: namespace {namespace}: Pod {pod['metadata']['name']}"
                remedy = "migrate what it belongs to, delete it, or except the image under clusters[].guard.exceptions"
                found.append(ClusterError(what, place, ", ".join(sorted(set(barred))), remedy))
    return found
