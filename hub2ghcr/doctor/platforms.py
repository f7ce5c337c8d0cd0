"""What a cluster runs on, and what applies there: nodes, API groups, namespaces; and what a stack builds with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..cluster import Cluster
from ..errors import Refused
from ..plan import Planned
from ..platforms.recognising import of_cluster, of_image, recognised
from .finding import Finding


def look(cluster: Cluster, name: str) -> list[Finding]:
    """Return a finding for each platform of a cluster; what may not be listed is said.

    Raises:
        ClusterError: it does not answer.
    """
    found: list[Finding] = []
    nodes, namespaces = _listed(cluster, name, "Node", found), _listed(cluster, name, "Namespace", found)
    known = of_cluster(nodes, cluster.groups(), namespaces)
    return [*(Finding("ok", "platform", name, str(each)) for each in known), *found]


def of_stack(planned: Planned) -> list[Finding]:
    """Return a finding for each platform that a stack's images and builds tell of."""
    signs: dict[str, list[str]] = {}
    for text in sorted(planned.survey.decisions):
        if (name := of_image(text)) is not None:
            signs.setdefault(name, []).append(f"image {text}")
    for cluster in planned.plan.clusters:
        for namespace in cluster.namespaces:
            for build in namespace.builds:
                signs.setdefault("kaniko", []).append(f"build {build.name} of namespace {namespace.name}")
    return [Finding("ok", "platform", planned.plan.stack, str(each)) for each in recognised(signs)]


def _listed(cluster: Cluster, name: str, kind: str, found: list[Finding]) -> list[Mapping[str, Any]]:
    try:
        return list(cluster.list("v1", kind))
    except Refused as refused:
        if not refused.forbidden:
            raise
        text = f"its credential may not list {kind.lower()}s: what they tell of a platform is not known"
        found.append(Finding("ok", "platform", name, text))
        return []
