"""Clusters: whether they answer, and what their credentials may do there."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import replace

from .. import cluster_access
from ..permissions import rights
from ..plan import Cluster, Plan
from .finding import Finding
from .patient import Patient


def look(patient: Patient, plan: Plan, cluster: Cluster) -> list[Finding]:
    """Return how a cluster stands.

    Raises:
        ClusterError, CredentialError, Problems: it is not reached, or refuses.
    """
    with ExitStack() as opened:
        reached = cluster_access.clusters(replace(plan, clusters=(cluster,)), patient.environ, opened)[cluster.name]
        version = reached.version()
        wanted = rights(cluster)
        missing = reached.allowed(wanted)
    if missing:
        text = f"{version}; its credential may not {', '.join(map(str, missing))}"
        return [Finding("failure", "cluster", cluster.name, text, "grant it by a Role or ClusterRole")]
    return [Finding("ok", "cluster", cluster.name, f"{version}; its credential has all {len(wanted)} rights")]
