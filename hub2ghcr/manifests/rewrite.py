"""A document with other images, as a copy: what delivery ``own`` applies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .. import places
from ..errors import ManifestError
from ..places.path import Path
from ..reference import Reference
from ..source import Scalar
from .document import Document
from .images import images, refusal
from .pods import pod_kind


def rewrite(
    document: Document,
    replace: Mapping[str, str],
    pull_secrets: Sequence[str] = (),
    policy: str | None = None,
    mounted: Mapping[Path, str] | None = None,
) -> dict[str, Any]:
    """Return a copy with images replaced and pull Secrets added to those listed.

    Args:
        document: left as it is.
        replace: image text -> new text; images that are not named stay.
        pull_secrets: names to add, in order; those already listed are not repeated.
        policy: the ``imagePullPolicy`` of containers, and of image volumes, that are replaced (None: as it is).
        mounted: `Mount.path` -> name of the Secret that is mounted there instead; others stay.

    Raises:
        ManifestError: an image that cannot be said anew, or shares a value with one that does not move the same way.
    """
    copied: dict[str, Any] = _copy(document.data)
    for path, value in {**_written(document, replace), **(mounted or {})}.items():
        holder: Any = copied
        for part in path[:-1]:
            holder = holder[part]
        holder[path[-1]] = value
    kind = pod_kind(document.data)
    if policy is not None and kind is not None:
        for field in images(document):
            if field.text in replace:
                _set_policy(copied, field.path, len(kind.path), policy)
    if pull_secrets and kind is not None:
        spec: Any = copied
        for key in kind.path:
            spec = spec[key]
        listed = list(spec.get("imagePullSecrets") or ())
        names = {each["name"] for each in listed}
        spec["imagePullSecrets"] = listed + [{"name": name} for name in pull_secrets if name not in names]
    return copied


def _set_policy(copied: Any, path: Path, pod: int, policy: str) -> None:
    """Set the policy beside an image of a pod spec, which begins below so many keys."""
    keys: dict[Path, str] = {("image",): "imagePullPolicy", ("image", "reference"): "pullPolicy"}
    if (key := keys.get(path[pod + 2 :])) is not None:
        holder = copied
        for part in path[:-1]:
            holder = holder[part]
        holder[key] = policy


def _written(document: Document, replace: Mapping[str, str]) -> dict[Path, str]:
    """Return the values that change, by their paths."""
    memory = document.memory
    edits: list[tuple[Scalar, str]] = []
    wanted: dict[int, str] = {}
    for found in (*memory.found, *memory.pushed):
        new = places.edits(found, Reference.parse(replace[found.text])) if found.text in replace else ()
        if found.note and found.text in replace:
            raise refusal(found, found.note, document)
        said = {scalar.start: value for scalar, value in new}
        for _, scalar in found.parts:
            value = said.get(scalar.start, scalar.value)
            if wanted.setdefault(scalar.start, value) != value:
                what = f"{found.field} shares a value with an image that does not move the same way"
                raise ManifestError(what, document.place, found.text, "give each image a value of its own")
        edits += new
    return memory.rewritten(edits)


def _copy(value: Any) -> Any:
    """Copy without sharing: what YAML aliases share must not change together."""
    if isinstance(value, Mapping):
        return {key: _copy(below) for key, below in value.items()}
    return [_copy(below) for below in value] if isinstance(value, list) else value
