"""Pull Secrets of a pod spec.

Kubernetes takes the ServiceAccount's ``imagePullSecrets`` only for Pods that list none (ServiceAccount admission). The
moment a list is written into a pod spec, the ServiceAccount's are lost: so they are written beside ours.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ..errors import ManifestError
from .load import Document


def service_account_of(spec: Mapping[str, Any]) -> str:
    """Return the name of the ServiceAccount that a pod spec runs as: ``default`` when it names none."""
    return str(spec.get("serviceAccountName") or spec.get("serviceAccount") or "default")


def added_pull_secrets(spec: Mapping[str, Any], ours: str, accounts: Iterable[Document], place: str) -> tuple[str, ...]:
    """Return the names to write into a pod spec beside those it lists.

    Args:
        spec: the pod spec.
        ours: the name of our pull Secret.
        accounts: the namespace's ServiceAccounts, as far as its manifests hold them.
        place: how errors name the document.
    """
    listed = _names(spec, place)
    if listed:
        return () if ours in listed else (ours,)
    name = service_account_of(spec)
    inherited = [each for account in accounts if account.name == name for each in _names(account.data, account.place)]
    return tuple(dict.fromkeys([*inherited, ours]))


def _names(holder: Mapping[str, Any], place: str) -> tuple[str, ...]:
    found = holder.get("imagePullSecrets")
    if found is None:
        return ()
    if not isinstance(found, list) or not all(
        isinstance(each, Mapping) and isinstance(each.get("name"), str) for each in found
    ):
        raise ManifestError("imagePullSecrets must be a list of names", place, str(found), "write - name: …")
    return tuple(each["name"] for each in found)
