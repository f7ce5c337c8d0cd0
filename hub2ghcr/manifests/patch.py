"""The smallest server-side-apply document that changes images and pull Secrets: what delivery ``patch`` applies.

Lists of containers, volumes and pull Secrets merge by ``name`` (``listType=map``), so each entry holds its name and the
one field that changes. Fields that stay are left out: whoever applied them remains their owner.
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
    spec: dict[str, Any] = {}
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
        spec.setdefault(owner, []).append({"name": entry["name"], **changed})
    if pull_secrets:
        spec["imagePullSecrets"] = [{"name": name} for name in pull_secrets]
    body: Any = spec
    kind = pod_kind(document.data)
    for key in reversed(kind.path if kind else ()):
        body = {key: body}
    return {
        "apiVersion": document.api_version,
        "kind": document.kind,
        "metadata": {"name": document.name, "namespace": namespace},
        **body,
    }
