"""Which Rancher it is: from 2.12 on a labelled Secret is copied to the project's namespaces.

Before, only what Rancher's own old API made was copied, and people reach that by the `legacy` feature flag alone
(rancher/rancher#49995, rancher/rancher-docs#1834).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from ...cluster import Cluster
from ...errors import ClusterError, Refused
from .backing import API

SINCE: Final = (2, 12)
"""The first release that copies a Secret by its label."""


def too_old(management: Cluster) -> Iterator[ClusterError]:
    """Yield why a Rancher does not copy our Secrets; nothing where it does, or does not tell its version.

    Raises:
        ClusterError: its cluster cannot be asked.
    """
    version = _version(management)
    found = re.match(r"v?(\d+)\.(\d+)", version)
    if found and (int(found[1]), int(found[2])) < SINCE:
        flag = _legacy(management)
        what = (
            f"is Rancher {version}, which copies registries of a project only if they are made in its old interface "
            f"(feature flag `legacy`{f', which is {flag}' if flag else ''})"
        )
        remedy = "update Rancher to 2.12, or take the projects out: each namespace then gets a Secret of its own"
        yield ClusterError(what, f"cluster {management.name}", remedy=remedy)


def _version(management: Cluster) -> str:
    try:
        found = management.get(API, "Setting", "", "server-version") or {}
    except Refused:
        return ""  # settings are not for everybody; the proof of a copy tells as well
    return str(found.get("value") or found.get("default") or "")


def _legacy(management: Cluster) -> str:
    try:
        found = management.get(API, "Feature", "", "legacy") or {}
    except Refused:
        return ""
    spec, status = found.get("spec") or {}, found.get("status") or {}
    value = spec.get("value") if spec.get("value") is not None else status.get("default")
    return "" if value is None else "on" if value else "off"
