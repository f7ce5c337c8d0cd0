"""The Secret that a build with kaniko pushes with: which one it mounts, and how it has to be made.

kaniko reads ``config.json`` in ``DOCKER_CONFIG``, which its image sets to ``/kaniko/.docker/``. A Secret of type
docker-registry holds ``.dockerconfigjson``, so its volume has to give that key the other name.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from ..source import ListNode, MapNode, Node, Scalar
from .found import Found
from .path import Path, text_of

if TYPE_CHECKING:
    from .objects import Reading

FOLDER: Final = "/kaniko/.docker"
"""Where kaniko looks for its credentials (``DOCKER_CONFIG`` of its image)."""
FILE: Final = "config.json"
KEY: Final = ".dockerconfigjson"


def remarks(node: MapNode, volumes: tuple[Node, ...], reading: Reading, path: Path, namespace: str) -> Iterator[Found]:
    """Yield the command that makes the Secret of a build anew, for each that it mounts where kaniko looks."""
    folder = (_environment(node, "DOCKER_CONFIG") or FOLDER).rstrip("/")
    mounts = node.get("volumeMounts")
    for index, mount in enumerate(mounts.items if isinstance(mounts, ListNode) else ()):
        at, name = (text_of(mount.get(key)) if isinstance(mount, MapNode) else "" for key in ("mountPath", "name"))
        if at.rstrip("/") not in (folder, f"{folder}/{FILE}") or not isinstance(mount, MapNode):
            continue
        for source, secret, items in _secrets(name, volumes):
            key = _key(items, text_of(mount.get("subPath")))
            where = (*path, "volumeMounts", index, "mountPath")
            note = _note(secret, namespace or "NAMESPACE", key) if key else _missing(secret)
            yield reading.found(where, "", ("remark", source), note=note, why="build")


def written(text: Scalar, reading: Reading, field: str) -> Iterator[Found]:
    """Yield a remark on a script that writes kaniko's credentials itself."""
    if f"/.docker/{FILE}" in text.value:
        note = f"a script writes kaniko's {FILE}: have it say ghcr.io, with a user and token that may push there"
        yield reading.found(field, "", ("remark", text), note=note, why="build")


def _note(secret: str, namespace: str, key: str) -> str:
    generic = "" if key == KEY else f" --key {key}"
    made = f"hub2ghcr secret make {secret} -n {namespace} --registry ghcr.io --username USER{generic}"
    return f"kaniko pushes with Secret {secret}: make it for ghcr.io with `{made}`"


def _missing(secret: str) -> str:
    return (
        f"kaniko reads {FILE}, and no item of Secret {secret} is mounted under this name: "
        f"write items: [{{key: {KEY}, path: {FILE}}}]"
    )


def _key(items: Node | None, sub_path: str) -> str:
    """Return the Secret's key that is mounted as ``config.json``; empty where none is."""
    wanted = sub_path or FILE
    if not isinstance(items, ListNode):
        return wanted
    for item in items.items:
        if isinstance(item, MapNode) and text_of(item.get("path")) == wanted:
            return text_of(item.get("key"))
    return ""


def _secrets(name: str, volumes: tuple[Node, ...]) -> Iterator[tuple[Scalar, str, Node | None]]:
    """Yield the Secrets of a volume, the nearest list of volumes first: the scalar, the name, the items."""
    for listed in reversed(volumes):
        for volume in listed.items if isinstance(listed, ListNode) else ():
            if not isinstance(volume, MapNode) or text_of(volume.get("name")) != name:
                continue
            projected = volume.get("projected")
            sources = projected.get("sources") if isinstance(projected, MapNode) else None
            for holder in (volume, *(sources.items if isinstance(sources, ListNode) else ())):
                held = holder.get("secret") if isinstance(holder, MapNode) else None
                for key in ("secretName", "name"):
                    said = held.get(key) if isinstance(held, MapNode) else None
                    if isinstance(said, Scalar) and text_of(said) and isinstance(held, MapNode):
                        yield said, text_of(said), held.get("items")
            return


def _environment(node: MapNode, wanted: str) -> str:
    env = node.get("env")
    for entry in env.items if isinstance(env, ListNode) else ():
        if isinstance(entry, MapNode) and text_of(entry.get("name")) == wanted:
            return text_of(entry.get("value"))
    return ""
