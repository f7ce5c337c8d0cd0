"""The nodes of a cluster as they are, held against the images that are to run on them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from ..cluster import Cluster
from ..covering import lost, remedy
from ..errors import ClusterError, Refused
from ..plan import Pull


def unexpected(cluster: Cluster, platforms: Sequence[str]) -> Iterator[ClusterError]:
    """Yield nodes of another platform than the plan counts with: images need not have it.

    Raises:
        ClusterError: the cluster cannot be asked.
    """
    for name, platform in _nodes(cluster):
        if platform not in platforms:
            what = f"is {platform}, and the plan counts with {', '.join(platforms)}"
            yield ClusterError(what, f"cluster {cluster.name}: Node {name}", remedy="run `hub2ghcr inventory`")


def uncovered(cluster: Cluster, pulls: Mapping[str, Sequence[Pull]]) -> Iterator[ClusterError]:
    """Yield each image of a namespace that nodes could run before it is switched, and could not after.

    Of an image whose lock entry knows no platforms nothing can be said, and nothing is where nodes may not be listed.

    Args:
        cluster: whose nodes these are.
        pulls: what each namespace is going to run, with all the platforms that it has.

    Raises:
        ClusterError: the cluster does not answer.
    """
    if not pulls:
        return
    try:
        nodes = dict(sorted(((platform, name) for name, platform in _nodes(cluster)), reverse=True))
    except Refused as refused:
        if not refused.forbidden:
            raise
        return  # a credential of some namespaces
    for namespace, images in sorted(pulls.items()):
        for each in images:
            had = (*each.platforms, *each.without)
            if each.platforms and (lacks := lost(had, each.platforms, nodes)):
                need = ", ".join(f"{platform} (Node {nodes[platform]})" for platform in lacks)
                what = f"is locked for {', '.join(each.platforms)}; nodes need {need}"
                place = f"cluster {cluster.name}: namespace {namespace}: {each.target}"
                yield ClusterError(what, place, remedy=remedy(had, nodes, "hub2ghcr lock"))


def _nodes(cluster: Cluster) -> Iterator[tuple[str, str]]:
    """Yield the name and the platform of each node that ever came up: nothing can run yet on one that did not."""
    for node in cluster.list("v1", "Node"):
        info = (node.get("status") or {}).get("nodeInfo") or {}
        if info.get("operatingSystem"):
            yield node["metadata"]["name"], f"{info['operatingSystem']}/{info['architecture']}"
