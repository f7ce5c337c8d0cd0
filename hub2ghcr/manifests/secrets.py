"""Pull Secrets of a pod spec.

Kubernetes takes the ServiceAccount's ``imagePullSecrets`` only for Pods that list none (ServiceAccount admission). The
moment a list is written into a pod spec, the ServiceAccount's are lost: so they are written beside ours.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..errors import ManifestError


def service_account_of(spec: Mapping[str, Any]) -> str:
    """Return the name of the ServiceAccount that a pod spec runs as: ``default`` when it names none."""
    return str(spec.get("serviceAccountName") or spec.get("serviceAccount") or "default")


def added_pull_secrets(spec: Mapping[str, Any], ours: str, inherited: Sequence[str], place: str) -> tuple[str, ...]:
    """Return the names to write into a pod spec beside those it lists.

    Args:
        spec: the pod spec.
        ours: the name of our pull Secret.
        inherited: the names that its ServiceAccount lists.
        place: how errors name the document.
    """
    if listed := listed_pull_secrets(spec, place):
        return () if ours in listed else (ours,)
    return tuple(dict.fromkeys([*inherited, ours]))


def listed_pull_secrets(holder: Mapping[str, Any], place: str) -> tuple[str, ...]:
    """Return the names of the pull Secrets that a pod spec or a ServiceAccount lists, in its order.

    Raises:
        ManifestError: the list is none.
    """
    found = holder.get("imagePullSecrets")
    if found is None:
        return ()
    if not isinstance(found, list) or not all(
        isinstance(each, Mapping) and isinstance(each.get("name"), str) for each in found
    ):
        raise ManifestError("imagePullSecrets must be a list of names", place, str(found), "write - name: …")
    return tuple(each["name"] for each in found)
