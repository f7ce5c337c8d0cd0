"""What moves images by itself: Argo CD Image Updater and Flux's image automation.

Both read tags from a registry and write one of them where an image stands. What they follow is named without a tag, or
with a constraint in its place: the name moves, and nothing is pinned. Where they write (`marked`), no digest is put
beside the tag: they replace the whole text, so it would be gone with their next commit.

Sources: Argo CD Image Updater's pages "Images", "Registries" and "Migration" (both the annotations of v0.x and the
``ImageUpdater`` of v1); Flux's pages "Image Repositories", "Image Policies" and "Configure image updates".
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from ..errors import ManifestError
from ..reference import HUB, HUB_HOSTS
from ..source import ListNode, MapNode, Node, Scalar, trees
from .found import Found
from .path import Path, PathPattern, text_of
from .pieces import piece
from .variables import is_templated, name_of, parsed

if TYPE_CHECKING:
    from .objects import Reading

ARGO: Final = "Argo CD Image Updater"
FLUX: Final = "Flux"
_PREFIX: Final = "argocd-image-updater.argoproj.io/"
_FLUX_GROUP: Final = "image.toolkit.fluxcd.io"

_ITEM: Final = re.compile(r"\s*(?:(?P<alias>[\w.-]+)=)?(?P<image>[^\s,=]+)[^,]*")
_MARKER: Final = re.compile(rb"[ \t]+#[ \t]*(\{[^\r\n]*\"\$imagepolicy\"[^\r\n]*\})[ \t]*(?=\r?\n|$)")
_READS: Final = f"{ARGO} reads the tags with {{}}: it must open ghcr.io, too"
_DIGESTS: Final = frozenset({"digest", "sha"})


def followed(scalar: Scalar, reading: Reading, path: Path) -> Iterator[Found]:
    """Yield the images of a list as an updater reads it: ``alias=name:constraint``, several with commas."""
    by = FLUX if reading.kind == "ImageRepository" else ARGO
    for item in _ITEM.finditer(scalar.value) if not scalar.null else ():
        said = item["image"]
        if is_templated(said):
            note = "templated: what it follows is filled in later"
            yield reading.found(path, said, ("image", scalar), note=note, why="templated", updater=by)
            continue
        name = name_of(said)
        own = piece(scalar, item.start("image"), name, reading.data)
        if own is None:
            note = "written inside a text: change it by hand"
            yield reading.found(path, name, ("image", scalar), note=note, why="elsewhere", updater=by)
        else:
            yield reading.found(path, name, ("image", own), name_only=True, updater=by)


def marked(found: Iterable[Found], data: bytes) -> Iterator[Found]:
    """Yield what was found, where Flux writes the tag with a word of it: no digest belongs there."""
    for each in found:
        roles = {role for role, _ in each.parts}
        policy = "" if roles & _DIGESTS else next(filter(None, (_policy(part, data) for _, part in each.parts)), "")
        yield replace(each, updater=f"{FLUX}'s ImagePolicy {policy}") if policy else each


def has_markers(data: bytes) -> bool:
    """Whether a file holds a marker of Flux's image automation."""
    return b'"$imagepolicy"' in data


def remarks(node: MapNode, group: str, kind: str, reading: Reading, path: Path) -> Iterator[Found]:
    """Yield what else an updater needs to follow images to GHCR: tags that are there, and a credential."""
    if group == _FLUX_GROUP and kind == "ImagePolicy":
        yield from _followed_tags(node, reading, path)
    elif group == _FLUX_GROUP and kind == "ImageRepository":
        yield from _repository_secret(node, reading, path)
    elif group == _FLUX_GROUP and kind == "ImageUpdateAutomation":
        yield from _written_files(node, reading, path)
    elif group == _PREFIX.rstrip("/") and kind == "ImageUpdater":
        yield from _updater_secrets(node, reading, path)
    elif group == "argoproj.io" and kind in ("Application", "ApplicationSet"):
        yield from _pull_secrets(node, reading, path)
    elif group == "" and kind == "ConfigMap":
        yield from _registries(node, reading, path)


def _policy(scalar: Scalar, data: bytes) -> str:
    """Return the policy that a comment behind a value names, with its namespace."""
    comment = _MARKER.match(data, scalar.end)
    try:
        said = json.loads(comment[1]).get("$imagepolicy") if comment else None
    except ValueError:
        return ""
    return ":".join(said.split(":")[:2]) if isinstance(said, str) else ""


def _followed_tags(node: MapNode, reading: Reading, path: Path) -> Iterator[Found]:
    for at, policy in PathPattern.parse("spec.policy").find(node):
        for key, rule in policy.items if isinstance(policy, MapNode) else ():
            details = rule.items if isinstance(rule, MapNode) else ()
            said = ", ".join(f"{name.value} {text_of(value)}" for name, value in details if text_of(value))
            note = f"follows tags by {key.value}{f' ({said})' if said else ''}: it takes the highest that is on GHCR"
            yield _remark(reading, (*path, *at, key.value), key, note)


def _repository_secret(node: MapNode, reading: Reading, path: Path) -> Iterator[Found]:
    image = next((text_of(below) for _, below in PathPattern.parse("spec.image").find(node)), "")
    for at, secret in PathPattern.parse("spec.secretRef.name").find(node):
        if isinstance(secret, Scalar) and _on_hub(image):
            note = f"{FLUX} reads the tags with Secret {secret.value}: it must open ghcr.io, too"
            yield _remark(reading, (*path, *at), secret, note)


def _written_files(node: MapNode, reading: Reading, path: Path) -> Iterator[Found]:
    for at, update in PathPattern.parse("spec.update").find(node):
        for key, below in update.items if isinstance(update, MapNode) else ():
            if key.value == "path" and isinstance(below, Scalar):
                note = (
                    f"writes tags into the files below {below.value}: it runs on commits, so rewrite all of them in one"
                )
                yield _remark(reading, (*path, *at, "path"), below, note)


def _updater_secrets(node: MapNode, reading: Reading, path: Path) -> Iterator[Found]:
    images = PathPattern.parse("spec.applicationRefs[*].images[*].imageName").find(node)
    if not any(_on_hub(name_of(text_of(below))) for _, below in images):
        return
    for owner in ("spec", "spec.applicationRefs[*]", "spec.applicationRefs[*].images[*]"):
        for at, secret in PathPattern.parse(f"{owner}.commonUpdateSettings.pullSecret").find(node):
            if isinstance(secret, Scalar) and not secret.null:
                yield _remark(reading, (*path, *at), secret, _READS.format(secret.value))


def _pull_secrets(node: MapNode, reading: Reading, path: Path) -> Iterator[Found]:
    pattern = f'annotations["{_PREFIX}*pull-secret"]'
    for owner in ("metadata", "spec.template.metadata"):
        listed = PathPattern.parse(f'{owner}.annotations["{_PREFIX}image-list"]')
        texts = [text_of(below) for _, below in listed.find(node)]
        images = [item["image"] for text in texts for item in _ITEM.finditer(text)]
        for at, secret in PathPattern.parse(f"{owner}.{pattern}").find(node):
            if isinstance(secret, Scalar) and any(_on_hub(name_of(each)) for each in images):
                yield _remark(reading, (*path, *at), secret, _READS.format(secret.value))


def _registries(node: MapNode, reading: Reading, path: Path) -> Iterator[Found]:
    """Yield a remark on the updater's ``registries.conf`` where it signs in to Docker Hub alone."""
    for at, said in PathPattern.parse('data["registries.conf"]').find(node):
        if not isinstance(said, Scalar):
            continue
        try:
            inner = list(trees(said.value.encode("utf-8", "replace"), reading.place))
        except ManifestError:
            continue
        listed = inner[0].get("registries") if len(inner) == 1 and isinstance(inner[0], MapNode) else None
        items = [item for item in listed.items if isinstance(item, MapNode)] if isinstance(listed, ListNode) else []
        prefixes = {text_of(item.get("prefix")): item for item in items}
        hub = [item for prefix, item in prefixes.items() if prefix in HUB_HOSTS and text_of(item.get("credentials"))]
        if hub and "ghcr.io" not in prefixes:
            note = f"{ARGO} signs in to Docker Hub alone: add a registry with prefix ghcr.io and its credentials"
            yield _remark(reading, (*path, *at), said, note)


def _on_hub(image: str) -> bool:
    reference = parsed(image)
    return reference is not None and reference.registry == HUB


def _remark(reading: Reading, path: Path, scalar: Node, note: str) -> Found:
    assert isinstance(scalar, Scalar)
    return reading.found(path, "", ("remark", scalar), note=note, why="updater")
