"""The Secret of a project: written to its backing namespace, from where Rancher copies it. Copies are never written."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from ...cluster import Cluster
from ...credentials import Credential
from ...errors import Hub2GhcrError
from ...owning import MANAGED_BY, MANAGER, writers
from ...pull_secrets import secret as pull_secret
from ...pull_secrets.pulling import differences
from .clashes import unusable
from .project import SCOPED, is_copy_of
from .registries import ProjectSecret

AGAIN: Final = "hub2ghcr/copy-again"
"""Our annotation, changed where a copy is lost: Rancher copies when the Secret or a namespace changes, not else."""


def write(
    management: Cluster,
    backing: str,
    secret: ProjectSecret,
    credentials: Mapping[str, Credential],
    manager: str,
    again: bool = False,
) -> str:
    """Write the Secret, unless somebody else has one of its name, and return what changes whenever it does.

    One that is to open nothing any more, as at the seal of a project whose Secret opened Docker Hub alone, is removed.

    Args:
        management: the cluster that Rancher runs in.
        backing: the project's backing namespace.
        secret: what to write.
        credentials: registry host -> credential with its value.
        manager: the field manager of what the stack owns.
        again: let Rancher copy it, even if nothing changes.

    Raises:
        ClusterError: it is somebody else's, or the cluster refuses it.
        Problems: values that no Secret takes; none is shown.
    """
    if not credentials:
        remove(management, backing, secret, manager)
        return ""
    for error in unusable(management, backing, secret, manager):
        raise error
    labels = {MANAGED_BY: MANAGER, SCOPED: secret.project.name}
    live = management.get("v1", "Secret", backing, secret.name)
    before = ((live or {}).get("metadata") or {}).get("annotations") or {}
    annotations = {AGAIN: before[AGAIN]} if AGAIN in before else {}
    if again:
        annotations = {AGAIN: datetime.now(UTC).isoformat(timespec="seconds")}
    wanted = pull_secret.document(secret.name, backing, credentials, labels=labels, annotations=annotations)
    found = management.apply(wanted, manager=manager, force=True)["metadata"]
    return f"{found.get('uid', '')}/{found.get('resourceVersion', '')}"


def stands(
    management: Cluster, backing: str, secret: ProjectSecret, credentials: Mapping[str, Credential], manager: str
) -> bool:
    """Whether the Secret lies there as it should, label and values; one that opens nothing does not lie there."""
    live = management.get("v1", "Secret", backing, secret.name)
    if live is None or manager not in writers(live):
        return not credentials
    if (live["metadata"].get("labels") or {}).get(SCOPED) != secret.project.name:
        return False
    try:
        return not differences(pull_secret.read(live, "").entries, credentials)
    except Hub2GhcrError:
        return False


def lost(cluster: Cluster, secret: ProjectSecret) -> tuple[str, ...]:
    """Return the namespaces of the project, as far as the stack migrates them, that have no copy."""
    found = []
    for namespace in secret.namespaces:
        live = cluster.get("v1", "Secret", namespace, secret.name)
        if live is None or not is_copy_of(live, secret.project):
            found.append(namespace)
    return tuple(found)


def remove(management: Cluster, backing: str, secret: ProjectSecret, manager: str) -> None:
    """Delete the Secret if it is the stack's; Rancher takes the copies away when it looks at the namespaces again.

    Raises:
        ClusterError: the cluster refuses.
    """
    live: Mapping[str, Any] | None = management.get("v1", "Secret", backing, secret.name)
    if live is not None and manager in writers(live):
        management.delete("v1", "Secret", backing, secret.name, uid=live["metadata"].get("uid"))
