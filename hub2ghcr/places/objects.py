"""Kubernetes objects: the table's rows applied to them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from typing import Final

from ..source import ListNode, MapNode, Node, Scalar
from . import helm, inside, kaniko, kustomize, openshift, patches, renovate, secrets, updaters
from .found import Found
from .path import Path, PathPattern, shown, text_of
from .rows import Place
from .table import CONTAINER_LISTS, POD_IMAGES, Places
from .variables import read

_TYPED: Final = inside.TYPED


@dataclass(frozen=True, slots=True)
class Reading:
    """One document that is read: the file's bytes and name, its index, what holds its images, and the table.

    ``builds``: whether the file may hold a build with kaniko, looked up once for all of its documents.
    """

    data: bytes
    place: str
    document: int
    kind: str
    name: str
    places: Places
    builds: bool = False

    def named(self, kind: str, name: str) -> Reading:
        """Return the same document, its images held by something else."""
        return Reading(self.data, self.place, self.document, kind, name, self.places, self.builds)

    def found(self, path: Path | str, text: str, *parts: tuple[str, Scalar], **more: object) -> Found:
        """Return something found in this document."""
        field = path if isinstance(path, str) else shown(path)
        return Found(self.document, self.kind, self.name, field, text, parts, **more)  # type: ignore[arg-type]


def identity(node: Node) -> tuple[str, str, str] | None:
    """Return API group, kind and name of an object; None when it is none."""
    if not isinstance(node, MapNode):
        return None
    version, kind = text_of(node.get("apiVersion")), text_of(node.get("kind"))
    if not version or not kind:
        return None
    metadata = node.get("metadata")
    name = (
        (text_of(metadata.get("name")) or text_of(metadata.get("generateName")))
        if isinstance(metadata, MapNode)
        else ""
    )
    return version.rpartition("/")[0], kind, name


def items_of(node: MapNode) -> ListNode | None:
    """Return the items of a ``List`` of any kind, None when it is none.

    The API server leaves out what the items of a typed list (``PodList``) are: it is said for them.
    """
    items, kind = node.get("items"), text_of(node.get("kind"))
    if not isinstance(items, ListNode) or not kind.endswith("List"):
        return None
    own = {"apiVersion": text_of(node.get("apiVersion")), "kind": kind.removesuffix("List")}
    if not own["kind"]:
        return items
    said = tuple((_unwritten(key), _unwritten(value)) for key, value in own.items())
    return ListNode(tuple(_saying(item, said) for item in items.items))


def _saying(item: Node, said: tuple[tuple[Scalar, Node], ...]) -> Node:
    if not isinstance(item, MapNode) or item.get("kind") is not None:
        return item
    return MapNode((*said, *(pair for pair in item.items if pair[0].value != "apiVersion")))


def _unwritten(value: str) -> Scalar:
    return Scalar(value, 0, 0, 0, 0, "plain")


def objects(node: Node, reading: Reading, path: Path = ()) -> Iterator[Found]:
    """Yield the images of an object, of a ``List``'s items, or of a JSON patch."""
    if isinstance(node, ListNode):
        yield from patches.images(node, reading, path)
        return
    known = identity(node)
    if known is None or not isinstance(node, MapNode):
        return
    if (items := items_of(node)) is not None:
        for index, item in enumerate(items.items):
            yield from objects(item, reading, (*path, "items", index))
        return
    yield from single(node, known, reading.named(*known[1:]), path)


def single(node: MapNode, known: tuple[str, str, str], reading: Reading, path: Path) -> Iterator[Found]:
    """Yield the images of one object, ``known`` by its group, kind and name."""
    group, kind, _ = known
    yield from secrets.remarks(node, group, kind, reading, path)
    yield from openshift.remarks(node, group, kind, reading, path)
    yield from updaters.remarks(node, group, kind, reading, path)
    for row in reading.places.of(*known):
        yield from by_row(node, row, reading, path)
    yield from kaniko.found(node, reading, path)


def by_row(node: Node, row: Place, reading: Reading, path: Path = ()) -> Iterator[Found]:
    """Yield what one row finds below a node."""
    for pattern in row.pods:
        for at, pod in PathPattern.parse(pattern).find(node):
            for image in POD_IMAGES:
                yield from _texts(pod, image, reading, (*path, *at))
            yield from _declared(pod, row, reading, (*path, *at))
    for pattern in row.images:
        yield from _texts(node, pattern, reading, path)
    for pattern in row.names:
        yield from (replace(each, name_only=True) for each in _texts(node, pattern, reading, path))
    for pattern in row.pushes:
        yield from (replace(each, name_only=True, pushed=True) for each in _texts(node, pattern, reading, path))
    for pattern in row.follows:
        for at, below in PathPattern.parse(pattern).find(node):
            if isinstance(below, Scalar):
                yield from updaters.followed(below, reading, (*path, *at))
    for pattern in row.groups:
        for at, below in PathPattern.parse(pattern).find(node):
            yield from helm.groups(below, reading, (*path, *at), deep=False)
    for pattern in row.values:
        for at, below in (((), node),) if pattern == "$" else PathPattern.parse(pattern).find(node):
            yield from inside.either(below, reading, (*path, *at), helm.values)
    for pattern in row.parameters:
        for at, below in PathPattern.parse(pattern).find(node):
            yield from helm.parameters(below, reading, (*path, *at))
    for pattern in row.kustomize:
        for at, below in PathPattern.parse(pattern).find(node):
            yield from kustomize.images(below, node, reading, (*path, *at))
    for pattern in row.renovate:
        for at, below in (((), node),) if pattern == "$" else PathPattern.parse(pattern).find(node):
            yield from renovate.images(below, reading, (*path, *at))
    for pattern in row.objects:
        for at, below in PathPattern.parse(pattern).find(node):
            yield from inside.either(below, reading, (*path, *at), objects)
    for pattern in row.dockerfiles:
        for at, below in PathPattern.parse(pattern).find(node):
            if isinstance(below, Scalar):
                yield from inside.dockerfile(below, reading, (*path, *at))
    for key in row.annotations:
        for owner in ("metadata", "spec.template.metadata", "spec.jobTemplate.spec.template.metadata"):
            yield from _texts(node, f'{owner}.annotations["{key}"]', reading, path)


def text_found(scalar: Scalar, reading: Reading, path: Path, prefix: str = "") -> Found | None:
    """Return the image that a scalar says behind ``prefix``; None when it says none."""
    if scalar.null or not scalar.value.startswith(prefix):
        return None
    rest = scalar.value[len(prefix) :]
    if not rest.strip():
        return None
    said = read(rest.strip())
    prefix = scalar.value[: len(scalar.value) - len(rest.lstrip())]
    if not prefix and scalar.style == "plain" and _TYPED.fullmatch(scalar.value):
        note = "a number or truth value, not a text: quote it"
        return reading.found(path, scalar.value, ("image", scalar), note=note, why="not-a-string")
    return reading.found(
        path, said.text, ("image", scalar), note=said.note, why=said.why, name_only=said.name_only, prefix=prefix
    )


def _texts(node: Node, pattern: str, reading: Reading, path: Path) -> Iterator[Found]:
    compiled = PathPattern.parse(pattern)
    for at, below in compiled.find(node):
        if isinstance(below, Scalar):
            found = text_found(below, reading, (*path, *at), compiled.prefix)
            if found is not None:
                yield found


def _declared(pod: Node, row: Place, reading: Reading, path: Path) -> Iterator[Found]:
    """Yield the images of environment variables and arguments that a row names."""
    if not isinstance(pod, MapNode) or not (row.env or row.args):
        return
    for owner in CONTAINER_LISTS:
        for at, entry in PathPattern.parse(f"{owner}[*].env[*]").find(pod):
            if isinstance(entry, MapNode) and any(fnmatchcase(text_of(entry.get("name")), each) for each in row.env):
                yield from _texts(entry, "value", reading, (*path, *at))
        for words in ("command", "args"):
            for at, args in PathPattern.parse(f"{owner}[*].{words}").find(pod):
                if isinstance(args, ListNode):
                    yield from _arguments(args, row.args, reading, (*path, *at))


def _arguments(args: ListNode, prefixes: tuple[str, ...], reading: Reading, path: Path) -> Iterator[Found]:
    before = ""
    for index, arg in enumerate(args.items):
        if not isinstance(arg, Scalar):
            continue
        for prefix in prefixes:
            # Both ways of writing a flag: --image=nginx, and --image with nginx as the next argument
            matched = prefix if arg.value.startswith(prefix) else "" if before == prefix.removesuffix("=") else None
            if matched is not None and (found := text_found(arg, reading, (*path, index), matched)) is not None:
                yield found
                break
        before = arg.value
