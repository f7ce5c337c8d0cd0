"""The smallest server-side-apply document that changes images and pull Secrets: what delivery ``patch`` applies.

Lists of containers, volumes and pull Secrets merge by ``name`` (``listType=map``), so each entry holds its name and the
one field that changes. Fields that stay are left out: whoever applied them remains their owner.

Entries before a changed one are listed by their name alone, and pull Secrets that the pod spec has already stand before
the added ones: pulumi-kubernetes compares lists by position, and would see a change in every run.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..errors import ManifestError
from .images import images
from .load import Document
from .pods import pod_kind


def patch_document(
    document: Document, namespace: str, replace: Mapping[str, str], pull_secrets: Sequence[str] = ()
) -> dict[str, Any]:
    """Return apiVersion, kind, name, namespace, the replaced images by container name, and the pull Secrets to add.

    Raises:
        ManifestError: a container or volume without a name.
    """
    changes: dict[str, dict[str, Any]] = {}
    for field in images(document):
        if field.text not in replace:
            continue
        at = next(place for place, part in enumerate(field.path) if isinstance(part, int))
        owner = str(field.path[at - 1])
        entry: Any = document.data
        for part in field.path[: at + 1]:
            entry = entry[part]
        if not isinstance(entry.get("name"), str):
            where = f"{owner}[{field.path[at]}] has no name"
            raise ManifestError(where, document.place, remedy="entries merge by name: give it one")
        changed: Any = replace[field.text]
        for part in reversed(field.path[at + 1 :]):
            changed = {part: changed}
        changes.setdefault(owner, {})[entry["name"]] = changed
    kind = pod_kind(document.data)
    path = kind.path if kind else ()
    pod: Any = document.data
    for key in path:
        pod = pod[key]
    spec: dict[str, Any] = {owner: _in_place(pod[owner], changed) for owner, changed in changes.items()}
    if pull_secrets:
        listed = [each["name"] for each in pod.get("imagePullSecrets") or []]
        spec["imagePullSecrets"] = [{"name": name} for name in dict.fromkeys([*listed, *pull_secrets])]
    body: Any = spec
    for key in reversed(path):
        body = {key: body}
    return {
        "apiVersion": document.api_version,
        "kind": document.kind,
        "metadata": {"name": document.name, "namespace": namespace},
        **body,
    }


def _in_place(entries: Sequence[Mapping[str, Any]], changed: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the entries up to the last changed one, each by name with its change."""
    last = max(place for place, entry in enumerate(entries) if entry.get("name") in changed)
    return [{"name": entry.get("name"), **changed.get(str(entry.get("name")), {})} for entry in entries[: last + 1]]
