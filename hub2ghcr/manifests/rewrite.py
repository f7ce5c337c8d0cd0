"""A document with other images, as a copy: what delivery ``own`` applies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .images import images
from .load import Document
from .pods import pod_kind


def rewrite(document: Document, replace: Mapping[str, str], pull_secrets: Sequence[str] = ()) -> dict[str, Any]:
    """Return a copy with images replaced and pull Secrets added to those listed.

    Args:
        document: left as it is.
        replace: image text -> new text; images that are not named stay.
        pull_secrets: names to add, in order; those already listed are not repeated.
    """
    copied: dict[str, Any] = _copy(document.data)
    for field in images(document):
        if field.text in replace:
            holder: Any = copied
            for part in field.path[:-1]:
                holder = holder[part]
            last = field.path[-1]
            holder[last] = holder[last].removesuffix(field.text) + replace[field.text]
    kind = pod_kind(document.data)
    if pull_secrets and kind is not None:
        spec: Any = copied
        for key in kind.path:
            spec = spec[key]
        listed = list(spec.get("imagePullSecrets") or ())
        names = {each["name"] for each in listed}
        spec["imagePullSecrets"] = listed + [{"name": name} for name in pull_secrets if name not in names]
    return copied


def _copy(value: Any) -> Any:
    """Copy without sharing: what YAML aliases share must not change together."""
    if isinstance(value, Mapping):
        return {key: _copy(below) for key, below in value.items()}
    return [_copy(below) for below in value] if isinstance(value, list) else value
