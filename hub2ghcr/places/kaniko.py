"""Builds with kaniko: where they push to, and what else of them has to do with registries.

A container is one by what it says, in an object of any kind: by its image (the archived ``gcr.io/kaniko-project``, the
forks, a mirror of either), because it starts ``/kaniko/executor``, or by its flags where a variable is its image.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from ..reference import HUB
from ..source import ListNode, MapNode, Node, Scalar
from . import kaniko_secret
from .found import Found
from .kaniko_flags import PROGRAM, Flag, of_arguments, of_script
from .path import Path, shown, text_of
from .variables import Read, is_templated, name_of, parsed, read

if TYPE_CHECKING:
    from .objects import Reading

NAME: Final = b"kaniko"
"""What stands in every file that holds a build."""

_WORDS: Final = ("command", "entrypoint", "args")
_SCRIPTS: Final = ("script", "before_script", "after_script", "source")
_SIGNS: Final = frozenset({"--destination", "--context"})
"""Flags that no other program has together."""
_PUSHES: Final = frozenset({"destination", "cache-repo"})
_MIRRORS: Final = {"KANIKO_REGISTRY_MIRROR": "registry-mirror", "KANIKO_REGISTRY_MAP": "registry-map"}
_HUB: Final = re.compile(r"(?:^|;)\s*(?:index\.)?docker\.io=")
_IMAGE_ARG: Final = re.compile(r"(?i)(?:.*_)?(?:image|base|from)(?:_name|_image)?")
_PLAIN: Final = {
    "insecure": "pushes over plain HTTP, which GHCR does not take: leave --insecure out",
    "insecure-pull": "pulls base images over plain HTTP: leave --insecure-pull out",
    "skip-tls-verify": "pushes its token to whoever answers: leave --skip-tls-verify out",
    "skip-tls-verify-pull": "pulls base images from whoever answers: leave --skip-tls-verify-pull out",
}


def found(node: Node, reading: Reading, path: Path = ()) -> Iterator[Found]:
    """Yield what the builds below a node push, the images that they are told to pull, and remarks on them."""
    if reading.builds:
        namespace = _namespace(node)
        for at, container, program, volumes in builds(node, path):
            yield from _build(container, program, reading, at, volumes, namespace)


def mounted(node: Node, reading: Reading) -> tuple[kaniko_secret.Mounted, ...]:
    """Return the Secrets that builds of an object push with, and that another Secret can stand in for.

    Of a volume that anything else mounts as well, or a build whose destinations cannot all be told, none is returned.
    """
    namespace = _namespace(node)
    found = [
        each
        for at, container, program, volumes in builds(node)
        if (pushed := _pushed(container, program, reading, at))
        for each in kaniko_secret.mounted(container, volumes, reading, at, namespace, pushed)
    ]
    ours, every = Counter(each.volume for each in found), Counter(_mounts(node))
    return tuple(each for each in found if every[each.volume] == ours[each.volume])


def _pushed(container: MapNode, program: str, reading: Reading, path: Path) -> tuple[str, ...]:
    """Return all that a build pushes, nothing where one of it cannot be told."""
    read = [
        (each, known)
        for field, started, flag, known in flags(container, program, reading.data, path)
        for each in _told(flag, reading, field, started)
        if each.pushed
    ]
    return tuple(each.text for each, _ in read) if all(known and not each.note for each, known in read) else ()


def _mounts(node: Node) -> Iterator[str]:
    """Yield the name of the volume of each mount below a node."""
    todo = [node]
    while todo:
        below = todo.pop()
        if isinstance(below, MapNode):
            todo += [value for _, value in below.items]
            mounts = below.get("volumeMounts")
            for each in mounts.items if isinstance(mounts, ListNode) else ():
                yield text_of(each.get("name")) if isinstance(each, MapNode) else ""
        elif isinstance(below, ListNode):
            todo += below.items


def _namespace(node: Node) -> str:
    metadata = node.get("metadata") if isinstance(node, MapNode) else None
    return text_of(metadata.get("namespace")) if isinstance(metadata, MapNode) else ""


def builds(node: Node, path: Path = ()) -> Iterator[tuple[Path, MapNode, str, tuple[Node, ...]]]:
    """Yield the containers below a node that run kaniko: path, container, program, the lists of volumes above it."""
    todo: list[tuple[Path, Node, tuple[Node, ...]]] = [(path, node, ())]
    while todo:
        at, below, volumes = todo.pop()
        if isinstance(below, ListNode):
            todo += [((*at, index), item, volumes) for index, item in reversed(list(enumerate(below.items)))]
        elif isinstance(below, MapNode):
            own = below.get("volumes")
            volumes = (*volumes, own) if own is not None else volumes
            if program := _program(below):
                yield at, below, program, volumes
            todo += [((*at, key.value), item, volumes) for key, item in reversed(below.items)]


def flags(node: MapNode, program: str, data: bytes, path: Path = ()) -> Iterator[tuple[str, str, Flag, bool]]:
    """Yield the flags of a container that runs kaniko: where, the program, the flag, whether its bytes are known."""
    arguments: list[tuple[Path, Scalar]] = []
    for key in (*_WORDS, *_SCRIPTS):
        held = node.get(key)
        for index, scalar in enumerate(_texts(held)):
            at = (*path, key, index) if isinstance(held, ListNode) else (*path, key)
            if PROGRAM.search(scalar.value) and not PROGRAM.fullmatch(scalar.value):
                arguments.clear()  # what stands before a script is its shell's: `sh -c`
                for number, (flag, started, known) in enumerate(of_script(scalar, data), 1):
                    yield f"{shown(at)}: --{flag.name}[{number}]", started, flag, known
            elif key in _WORDS:
                arguments.append((at, scalar))
    places = {id(scalar): shown(at) for at, scalar in arguments}
    for flag in of_arguments([scalar for _, scalar in arguments], program):
        yield places[id(flag.scalar)], program, flag, True


def _program(node: MapNode) -> str:
    """Return which of kaniko's programs a container runs; empty for any other."""
    image = node.get("image")
    said = name_of(text_of(image.get("name") if isinstance(image, MapNode) else image))
    held = [each.value for key in (*_WORDS, *_SCRIPTS) for each in _texts(node.get(key))]
    started = [match[1] for text in held for match in PROGRAM.finditer(text)]
    if started:
        return started[0]
    flags_given = {each.value.partition("=")[0] for key in _WORDS for each in _texts(node.get(key))}
    # Tekton's own task has its image from a parameter
    if "kaniko" not in said and not (is_templated(said) and flags_given >= _SIGNS):
        return ""
    if not any(node.get(key) is not None for key in _WORDS):
        return ""
    return "warmer" if said.endswith("warmer") else "executor"


def _texts(node: Node | None) -> list[Scalar]:
    if isinstance(node, Scalar):
        return [] if node.null else [node]
    return [each for each in node.items if isinstance(each, Scalar)] if isinstance(node, ListNode) else []


def _build(
    node: MapNode, program: str, reading: Reading, path: Path, volumes: tuple[Node, ...], namespace: str
) -> Iterator[Found]:
    on_hub = False
    for field, started, flag, known in flags(node, program, reading.data, path):
        for each in _told(flag, reading, field, started):
            on_hub = on_hub or (each.pushed and _on_hub(each))
            if known or not each.text or each.note:
                yield each
                continue
            note = f"--{flag.name} in a script, written in a way that has no bytes of its own: change it by hand"
            yield reading.found(each.field, each.text, *each.parts, note=note, why="elsewhere", pushed=each.pushed)
    yield from _environment(node, reading, path)
    if on_hub:
        yield from kaniko_secret.remarks(node, volumes, reading, path, namespace)
        for key in (*_WORDS, *_SCRIPTS):
            for scalar in _texts(node.get(key)):
                yield from kaniko_secret.written(scalar, reading, shown((*path, key)))


def _told(flag: Flag, reading: Reading, field: str, program: str) -> Iterator[Found]:
    value = flag.value
    if flag.name in _PUSHES and program == "executor":
        if value and not value.startswith("oci:"):
            yield _reference(flag, value, "", reading, field, pushed=True)
    elif flag.name == "image" and program == "warmer":
        yield _reference(flag, value, "", reading, field)
    elif flag.name == "build-arg":
        key, sign, image = value.partition("=")
        said = parsed(image) if sign and _IMAGE_ARG.fullmatch(key) else None
        if said is not None and (said.tag or said.digest or "/" in image):
            yield _reference(flag, image, f"{key}=", reading, field)
    elif flag.name in _MIRRORS.values():
        yield from _mirror(flag.name, value, flag.scalar, reading, field)
    elif flag.name in _PLAIN and value == "true":
        yield _remark(f"kaniko {_PLAIN[flag.name]}", flag.scalar, reading, field)


def _reference(flag: Flag, text: str, key: str, reading: Reading, field: str, *, pushed: bool = False) -> Found:
    said = read(text)
    if not said.note and parsed(said.text) is None:
        said = Read(said.text, "names no image that can be read here: change it by hand", "elsewhere")
    name_only = said.name_only or (pushed and not said.note)
    return reading.found(
        field,
        said.text,
        ("image", flag.scalar),
        note=said.note,
        why=said.why,
        name_only=name_only,
        prefix=flag.before + key,
        pushed=pushed,
    )


def _environment(node: MapNode, reading: Reading, path: Path) -> Iterator[Found]:
    env = node.get("env")
    for index, entry in enumerate(env.items if isinstance(env, ListNode) else ()):
        name = text_of(entry.get("name")) if isinstance(entry, MapNode) else ""
        value = entry.get("value") if isinstance(entry, MapNode) else None
        if name in _MIRRORS and isinstance(value, Scalar):
            at = shown((*path, "env", index, "value"))
            yield from _mirror(_MIRRORS[name], value.value, value, reading, at)


def _mirror(name: str, value: str, scalar: Scalar, reading: Reading, field: str) -> Iterator[Found]:
    if value and (name == "registry-mirror" or _HUB.search(value)):
        note = (
            f"kaniko pulls what its Dockerfile names of Docker Hub through --{name} {value}: "
            "once FROM names GHCR it has no effect"
        )
        yield _remark(note, scalar, reading, field)


def _remark(note: str, scalar: Scalar, reading: Reading, field: str) -> Found:
    return reading.found(field, "", ("remark", scalar), note=note, why="build")


def _on_hub(found: Found) -> bool:
    said = None if found.note else parsed(found.text)
    return said is not None and said.registry == HUB
