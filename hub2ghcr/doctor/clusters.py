"""Clusters: whether they answer, what their credentials may do there, and what they run on."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import replace

from .. import cluster_access
from ..permissions import rights
from ..plan import Cluster, Plan
from . import platforms
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
        runs_on = platforms.look(reached, cluster.name)
    if missing:
        text = f"{version}; its credential may not {', '.join(map(str, missing))}"
        return [Finding("failure", "cluster", cluster.name, text, "grant it by a Role or ClusterRole"), *runs_on]
    text = f"{version}; its credential has all {len(wanted)} rights"
    return [Finding("ok", "cluster", cluster.name, text), *runs_on]
