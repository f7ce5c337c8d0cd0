"""Remarks on what OpenShift does with images besides running them: mirrors of nodes, triggers of image streams, builds.

Sources: the API references of config.openshift.io, operator.openshift.io, apps.openshift.io and build.openshift.io, and
"Triggering updates on image stream changes" of OpenShift's documentation.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

from ..reference import HUB
from ..source import ListNode, MapNode, Node, Scalar
from .found import Found
from .path import Path, PathPattern, text_of
from .secrets import making
from .variables import parsed

if TYPE_CHECKING:
    from .objects import Reading

_MIRRORS: Final = {
    ("config.openshift.io", "ImageTagMirrorSet"): "spec.imageTagMirrors[*]",
    ("config.openshift.io", "ImageDigestMirrorSet"): "spec.imageDigestMirrors[*]",
    ("operator.openshift.io", "ImageContentSourcePolicy"): "spec.repositoryDigestMirrors[*]",
}
_BUILD_SECRETS: Final = (
    ("spec.output", "to", "pushSecret"),
    ("spec.source.images[*]", "from", "pullSecret"),
    *((f"spec.strategy.{each}Strategy", "from", "pullSecret") for each in ("custom", "docker", "source")),
)
"""What a build names: where, the image, and the Secret that opens it."""
_TRIGGERS: Final = "image.openshift.io/triggers"
_OLD: Final = " (deprecated: `oc adm migrate icsp` makes an ImageDigestMirrorSet of it)"


def remarks(node: MapNode, group: str, kind: str, reading: Reading, path: Path) -> Iterator[Found]:
    """Yield the remarks on one object."""
    if (rules := _MIRRORS.get((group, kind))) is not None:
        old = _OLD if kind == "ImageContentSourcePolicy" else ""
        for at, rule in PathPattern.parse(rules).find(node):
            yield from _mirror(rule, old, reading, (*path, *at))
    elif kind == "DeploymentConfig":
        automatic = "spec.triggers[*][type=ImageChange].imageChangeParams[automatic=true].from"
        for at, source in PathPattern.parse(automatic).find(node):
            if isinstance(source, MapNode):
                yield from _trigger(source, reading, (*path, *at))
    elif kind in ("BuildConfig", "Build") and group in ("", "build.openshift.io"):
        yield from _build(node, reading, path)
    for at, said in PathPattern.parse(f'metadata.annotations["{_TRIGGERS}"]').find(node):
        if isinstance(said, Scalar):
            yield from (_remark(reading, (*path, *at), said, _moved(name)) for name in _streams(said.value))


def _mirror(rule: Node, old: str, reading: Reading, path: Path) -> Iterator[Found]:
    if not isinstance(rule, MapNode):
        return
    source, mirrors = rule.get("source"), rule.get("mirrors")
    named = [each for each in mirrors.items if isinstance(each, Scalar)] if isinstance(mirrors, ListNode) else []
    if isinstance(source, Scalar):
        told = ", ".join(each.value for each in named) or "no mirror"
        # no image stands here: every name of the rule is part of the remark
        parts = [("remark", each) for each in (*named, source)]
        note = f"nodes pull {source.value} from {told}{old}"
        yield reading.found((*path, "source"), "", *parts, note=note, why="elsewhere")


def _build(node: MapNode, reading: Reading, path: Path) -> Iterator[Found]:
    """Yield the Secrets that a build names for images of Docker Hub: they have to open what these move to."""
    namespace = next((text_of(each) for _, each in PathPattern.parse("metadata.namespace").find(node)), "")
    for where, image, secret in _BUILD_SECRETS:
        for at, holder in PathPattern.parse(where).find(node):
            said = next((each for _, each in PathPattern.parse(f"{secret}.name").find(holder)), None)
            if isinstance(said, Scalar) and _on_hub(holder, image):
                does = "pushes" if secret == "pushSecret" else "pulls"
                note = f"the build {does} with Secret {said.value}: make it for ghcr.io with"
                made = f"`{making(said.value, namespace)}`"
                yield reading.found(
                    (*path, *at, secret, "name"), "", ("remark", said), note=f"{note} {made}", why="build"
                )


def _on_hub(holder: Node, image: str) -> bool:
    named = PathPattern.parse(f"{image}[kind=DockerImage].name").find(holder)
    return any(found.registry == HUB for _, each in named if (found := parsed(text_of(each))) is not None)


def _trigger(source: MapNode, reading: Reading, path: Path) -> Iterator[Found]:
    scalar = source.get("name")
    if isinstance(scalar, Scalar):
        yield _remark(reading, (*path, "name"), scalar, _moved(scalar.value))


def _moved(name: str) -> str:
    return f"ImageStreamTag {name} sets an image whenever it changes: it moves with its image stream, not here"


def _streams(text: str) -> Iterator[str]:
    try:
        found: Any = json.loads(text)
    except (ValueError, RecursionError):
        return
    for each in found if isinstance(found, list) else ():
        source = each.get("from") if isinstance(each, dict) and not each.get("paused") else None
        if isinstance(source, dict) and source.get("kind") == "ImageStreamTag":
            yield str(source.get("name"))


def _remark(reading: Reading, path: Path, scalar: Scalar, note: str) -> Found:
    return reading.found(path, "", ("remark", scalar), note=note, why="elsewhere")
