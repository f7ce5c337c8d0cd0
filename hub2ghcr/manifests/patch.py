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
from .pods import pod_kind, pod_spec


def patch_document(
    document: Document, namespace: str, replace: Mapping[str, str], pull_secrets: Sequence[str] = ()
) -> dict[str, Any]:
    """Return apiVersion, kind, name, namespace, the replaced images by container name, and the pull Secrets to add.

    Raises:
        ManifestError: a container or volume without a name, or a place where nothing merges by name.
    """
    kind, pod = pod_kind(document.data), pod_spec(document.data) or {}
    if kind is None or not kind.merges:
        what = f"a {document.kind} cannot be patched: the lists of a custom resource need not merge by name"
        raise ManifestError(what, document.place, remedy="set `delivery: own`")
    changes: dict[str, dict[int, Any]] = {}
    for field in images(document):
        if field.text in replace:
            at = len(kind.path) + 1
            if field.path[at + 1 :] not in (("image",), ("image", "reference")):
                what = f"{field.field} cannot be patched: it belongs to no list that merges by name"
                raise ManifestError(what, document.place, field.text, "set `delivery: own`")
            changed: Any = replace[field.text]
            for part in reversed(field.path[at + 1 :]):
                changed = {part: changed}
            changes.setdefault(str(field.path[at - 1]), {})[int(field.path[at])] = changed
    spec: dict[str, Any] = {owner: _in_place(owner, pod, changed, document) for owner, changed in changes.items()}
    if pull_secrets:
        listed = [each["name"] for each in pod.get("imagePullSecrets") or []]
        spec["imagePullSecrets"] = [{"name": name} for name in dict.fromkeys([*listed, *pull_secrets])]
    body: Any = spec
    for key in reversed(kind.path):
        body = {key: body}
    return {
        "apiVersion": document.api_version,
        "kind": document.kind,
        "metadata": {"name": document.name, "namespace": namespace},
        **body,
    }


def _in_place(
    owner: str, pod: Mapping[str, Any], changes: Mapping[int, Any], document: Document
) -> list[dict[str, Any]]:
    """Return the entries up to the last changed one, each by name with its change."""
    entries = pod[owner][: max(changes) + 1]
    for index, entry in enumerate(entries):
        if not isinstance(entry.get("name"), str):
            remedy = "entries merge by name: give it one"
            raise ManifestError(f"{owner}[{index}] has no name", document.place, remedy=remedy)
    return [{"name": entry["name"], **changes.get(index, {})} for index, entry in enumerate(entries)]
