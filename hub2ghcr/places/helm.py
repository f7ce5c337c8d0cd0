"""Helm values: images as one text, or as groups of registry, repository, tag and digest.

A chart is free in how it composes its values. What is read here is what almost all charts do: ``registry`` and
``repository`` are joined by ``/``, the tag follows, and Bitnami's ``global.imageRegistry`` stands over every registry.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from ..reference import GHCR
from ..source import ListNode, MapNode, Node, Scalar
from .found import Found, Why
from .inside import TYPED
from .path import Path, text_of
from .variables import is_templated, name_of, parsed, read

if TYPE_CHECKING:
    from .objects import Reading

_ROLES: Final = {
    "registry": ("registry", "imageRegistry"),
    "repository": ("repository", "repo", "imageRepository", "imageName", "image", "name"),
    "tag": ("tag", "imageTag"),
    "digest": ("digest", "imageDigest"),
    "sha": ("sha",),
}
_BESIDE: Final = frozenset(
    {"tag", "imageTag", "digest", "imageDigest", "sha", "pullPolicy", "imagePullPolicy", "registry"}
)
"""Keys that make the ``repository`` beside them an image, and not a repository of charts or of source."""

_URL: Final = re.compile(r"[a-z+]+://|git@|/|\.")
_FLOAT: Final = re.compile(r"[-+]?[0-9]+\.[0-9]*0|[-+]?0[0-9]+|[0-9]+[eE][0-9]+")
_GLOBAL: Final = "global.imageRegistry is the registry of every image of the chart, also of those not written here"


def values(node: Node, reading: Reading, path: Path) -> Iterator[Found]:
    """Yield the images of Helm values."""
    over = node.get("global") if isinstance(node, MapNode) else None
    registry = over.get("imageRegistry") if isinstance(over, MapNode) else None
    hub = isinstance(over, MapNode) and bool(text_of(over.get("hub")))
    yield from groups(node, reading, path, registry=registry if isinstance(registry, Scalar) else None, hub=hub)


def groups(
    node: Node, reading: Reading, path: Path, *, registry: Scalar | None = None, hub: bool = False, deep: bool = True
) -> Iterator[Found]:
    """Yield the images below a node.

    Args:
        node: values, or a part of them.
        reading: the document.
        path: where ``node`` is.
        registry: ``global.imageRegistry``.
        hub: Istio's ``global.hub`` stands before images that name no host.
        deep: look below ``node``, too.
    """
    if isinstance(node, ListNode):
        for index, item in enumerate(node.items):
            yield from groups(item, reading, (*path, index), registry=registry, hub=hub)
    if not isinstance(node, MapNode):
        return
    from .objects import identity, objects

    if deep and path and identity(node):
        yield from objects(node, reading, path)  # charts take whole objects: extraObjects, extraDeploy
        return
    keys = _repository_keys(node, path)
    for key in keys:
        yield from _group(node, key, reading, path, registry, hub)
    if not deep:
        return
    for called, below in node.items:
        at = (*path, called.value)
        if not isinstance(below, Scalar):
            yield from groups(below, reading, at, registry=registry, hub=hub)
        elif called.value not in keys and called.value.lower().endswith("image"):
            yield from _text(below, reading, at)


def parameters(node: Node, reading: Reading, path: Path) -> Iterator[Found]:
    """Yield the images of a list of ``name`` and ``value``: values, each said by its path."""
    root: dict[str, object] = {}
    for item in node.items if isinstance(node, ListNode) else ():
        name, value = (item.get("name"), item.get("value")) if isinstance(item, MapNode) else (None, None)
        if isinstance(name, Scalar) and isinstance(value, Scalar):
            *owners, last = name.value.split(".")
            below: dict[str, object] = root
            for owner in owners:
                next_ = below.setdefault(owner, {})
                below = next_ if isinstance(next_, dict) else {}
            below[last] = value
    yield from values(_node(root), reading, path)


def _node(tree: dict[str, object]) -> MapNode:
    return MapNode(
        tuple(
            (Scalar(key, 0, 0, 0, 0, "raw"), below if isinstance(below, Scalar) else _node(below))
            for key, below in tree.items()
            if isinstance(below, (Scalar, dict))
        )
    )


def _repository_keys(node: MapNode, path: Path) -> tuple[str, ...]:
    """Return the keys whose values name repositories; no mapping has two groups with one tag."""
    known = {key.value for key, below in node.items if isinstance(below, Scalar)}
    holder = str(next((part for part in reversed(path) if isinstance(part, str)), "")).lower()
    imagelike = holder.endswith("image")
    for key in ("repository", "repo", "imageRepository", "imageName"):
        if key in known and (imagelike or key.startswith("image") or known & _BESIDE):
            return (key,)
    if "image" in known:
        return ("image",)
    return ("name",) if imagelike and "name" in known and known & _BESIDE else ()


def _scalar(node: MapNode, role: str) -> Scalar | None:
    for key in _ROLES[role]:
        found = node.get(key)
        if isinstance(found, Scalar) and not found.null:
            return found
    return None


def _group(node: MapNode, key: str, reading: Reading, path: Path, over: Scalar | None, hub: bool) -> Iterator[Found]:
    repository = node.get(key)
    if not isinstance(repository, Scalar) or not text_of(repository) or _URL.match(repository.value):
        return
    if is_templated(repository.value):
        said = read(repository.value)
        yield reading.found(
            (*path, key), said.text, ("image", repository), note=said.note, why=said.why, name_only=said.name_only
        )
        return
    roles = {role: _scalar(node, role) for role in ("registry", "tag", "digest", "sha")}
    parts = [("repository", repository)]
    text, note, why, name_only = repository.value, "", "", False
    whole = name_of(text) != text
    own = roles["registry"] if roles["registry"] and roles["registry"].value else None
    registry = over if over is not None and over.value and not over.null else own
    if registry is not None:
        text = f"{registry.value.rstrip('/')}/{text}"
        if registry is over:
            note, why = (_GLOBAL, "elsewhere") if registry.value != GHCR else ("", "")
        parts.insert(0, ("registry", registry))
    elif hub and "/" not in text:
        note, why = "global.hub stands before it: change both together", "elsewhere"
    tag, digest = roles["tag"], roles["digest"] or roles["sha"]
    if tag is not None and tag.value and not whole:
        text += f":{tag.value}"
        parts.append(("tag", tag))
        if is_templated(tag.value):
            text, name_only = text[: -len(tag.value) - 1], True
        elif tag.style == "plain" and _FLOAT.fullmatch(tag.value):
            note, why = f"the tag is the number {tag.value}, which Helm writes otherwise: quote it", "not-a-string"
    if digest is not None:
        role = "digest" if digest is roles["digest"] else "sha"
        if digest.value and not is_templated(digest.value):
            text += f"@{digest.value}" if role == "digest" or ":" in digest.value else f"@sha256:{digest.value}"
        parts.append((role, digest))
    if whole and len(parts) == 1:
        parts = [("image", repository)]
    elif whole and registry is not None and not note:
        note, why = "registry and tag stand beside and inside the repository", "elsewhere"
    elif not whole and not any(role == "tag" for role, _ in parts) and not (digest and digest.value):
        name_only = True
    if key == "image" and not note and (parsed(text) is None or _is_typed(repository)):
        return
    shown: Why = why  # type: ignore[assignment]
    yield reading.found((*path, key), text, *parts, note=note, why=shown, name_only=name_only)


def _is_typed(scalar: Scalar) -> bool:
    return scalar.style == "plain" and TYPED.fullmatch(scalar.value) is not None


def _text(scalar: Scalar, reading: Reading, path: Path) -> Iterator[Found]:
    from .objects import text_found

    said = parsed(scalar.value)
    if is_templated(scalar.value) or (said is not None and (said.tag or said.digest or "/" in scalar.value)):
        found = text_found(scalar, reading, path)
        if found is not None and found.why != "not-a-string":
            yield found
