"""The Secret that a build with kaniko pushes with: which one it mounts, and how it has to be made.

kaniko reads ``config.json`` in ``DOCKER_CONFIG``, which its image sets to ``/kaniko/.docker/``. A Secret of type
docker-registry holds ``.dockerconfigjson``, so its volume has to give that key the other name.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ..source import ListNode, MapNode, Node, Scalar
from .found import Found
from .path import Path, text_of
from .secrets import making

if TYPE_CHECKING:
    from .objects import Reading

FOLDER: Final = "/kaniko/.docker"
"""Where kaniko looks for its credentials (``DOCKER_CONFIG`` of its image)."""
FILE: Final = "config.json"
KEY: Final = ".dockerconfigjson"


@dataclass(frozen=True, slots=True)
class Mounted:
    """A Secret that a build pushes with, which another Secret can stand in for: nothing else of it is mounted there.

    Attributes:
        volume: the name of its volume.
        secret: the scalar that names it.
        key: which of its keys is mounted as ``config.json``.
        pushed: all that the build pushes.
        remark: what is told of it as long as it stays.
    """

    volume: str
    secret: Scalar
    key: str
    pushed: tuple[str, ...]
    remark: Found


def remarks(node: MapNode, volumes: tuple[Node, ...], reading: Reading, path: Path, namespace: str) -> Iterator[Found]:
    """Yield the command that makes the Secret of a build anew, for each that it mounts where kaniko looks."""
    for where, mount in _mounts(node, path):
        for source, secret, items in _secrets(text_of(mount.get("name")), volumes):
            key = _key(items, text_of(mount.get("subPath")))
            yield _remark(source, secret, key, reading, where, namespace)


def mounted(
    node: MapNode, volumes: tuple[Node, ...], reading: Reading, path: Path, namespace: str, pushed: tuple[str, ...]
) -> Iterator[Mounted]:
    """Yield the Secrets that a build mounts where kaniko looks, each a volume that holds no more than its login."""
    for where, mount in _mounts(node, path):
        name = text_of(mount.get("name"))
        for source, secret, items in _secrets(name, volumes, projected=False):
            key = _key(items, text_of(mount.get("subPath")))
            if key and not (isinstance(items, ListNode) and len(items.items) > 1):
                yield Mounted(name, source, key, pushed, _remark(source, secret, key, reading, where, namespace))


def _mounts(node: MapNode, path: Path) -> Iterator[tuple[Path, MapNode]]:
    folder = (_environment(node, "DOCKER_CONFIG") or FOLDER).rstrip("/")
    mounts = node.get("volumeMounts")
    for index, mount in enumerate(mounts.items if isinstance(mounts, ListNode) else ()):
        at = text_of(mount.get("mountPath")).rstrip("/") if isinstance(mount, MapNode) else ""
        if isinstance(mount, MapNode) and at in (folder, f"{folder}/{FILE}"):
            yield (*path, "volumeMounts", index, "mountPath"), mount


def _remark(source: Scalar, secret: str, key: str, reading: Reading, where: Path, namespace: str) -> Found:
    note = _note(secret, namespace, key) if key else _missing(secret)
    return reading.found(where, "", ("remark", source), note=note, why="build")


def written(text: Scalar, reading: Reading, field: str) -> Iterator[Found]:
    """Yield a remark on a script that writes kaniko's credentials itself."""
    if f"/.docker/{FILE}" in text.value:
        note = f"a script writes kaniko's {FILE}: have it say ghcr.io, with a user and token that may push there"
        yield reading.found(field, "", ("remark", text), note=note, why="build")


def _note(secret: str, namespace: str, key: str) -> str:
    generic = "" if key == KEY else f" --key {key}"
    return f"kaniko pushes with Secret {secret}: make it for ghcr.io with `{making(secret, namespace)}{generic}`"


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


def _secrets(
    name: str, volumes: tuple[Node, ...], *, projected: bool = True
) -> Iterator[tuple[Scalar, str, Node | None]]:
    """Yield the Secrets of a volume, the nearest list of volumes first: the scalar, the name, the items."""
    for listed in reversed(volumes):
        for volume in listed.items if isinstance(listed, ListNode) else ():
            if not isinstance(volume, MapNode) or text_of(volume.get("name")) != name:
                continue
            several = volume.get("projected") if projected else None
            sources = several.get("sources") if isinstance(several, MapNode) else None
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
