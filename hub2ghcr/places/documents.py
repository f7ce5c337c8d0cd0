"""The documents of a file, no more of each than what its images need.

Kubernetes' own workloads, and objects that the table has no row for, are most of what clusters run. Written as they
mostly are, they are read without a full parse. `find` finds the same in them either way: only what the table's rows of
such an object look at, what looks like an image elsewhere (`hub2ghcr.places.uncovered`) and what remarks are made on
(`hub2ghcr.places.secrets`) counts, and a document in which anything else could be meant is parsed whole.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Final

from ..errors import ManifestError
from ..source import MapNode, Node, pruned, trees
from ..source.block import Block, Keep
from ..source.pruned import Part
from . import lists
from .found import Found
from .kaniko import NAME
from .objects import identity, items_of
from .path import PathPattern
from .rows import WORKLOADS
from .shapes import Shapes
from .table import BUILT_IN, Places

_ANYWHERE: Final = frozenset[str]()
_OWNER: Final = frozenset({"metadata"})

_REFUSED: Final = re.compile(rb"(?i)image(?!PullPolicy: ['\"]?(?:Always|IfNotPresent|Never)\b)|docker[.:]|destination")

KEEP: Final = Keep(
    {
        "apiVersion": _ANYWHERE,
        "kind": _ANYWHERE,
        "name": _OWNER,
        "generateName": _OWNER,
        "image": _ANYWHERE,
        "imagePullSecrets": _ANYWHERE,
    },
    refused=_REFUSED,
    unread=frozenset({"kubectl.kubernetes.io/last-applied-configuration"}),
)
"""What `find` looks at in a workload, and the words without which no other line looks like an image."""

_WORDS: Final = re.compile(rb"(?i)image|docker|destination")
_PLAIN: Final = frozenset(WORKLOADS)
_LARGE: Final = 1 << 20
_SMALL: Final = 1 << 12
"""Bytes of a document that is not worth being taken apart."""


_SHAPES: Final = Shapes(KEEP)

Find = Callable[[int, Node], list[Found]]
"""Find the images of one document, given its index."""


def spans(data: bytes, place: str, count: int) -> tuple[tuple[int, int], ...]:
    """Return up to ``count`` spans of a file whose documents can be read apart, as `pruned.spans`."""
    return ((0, len(data)),) if _is_special(data, place) else pruned.spans(data, count)


def _is_special(data: bytes, place: str) -> bool:
    """Whether all is parsed: a template is told by its whole tree, and a kustomization holds documents as texts."""
    return b"{{" in data or "kustomization" in place.lower() or b"kustomize.config.k8s.io" in data


def found(
    data: bytes, place: str, table: Places, find: Find, span: tuple[int, int] | None = None
) -> Iterator[list[Found]]:
    """Yield what is found in each document of a file, or of one of its `spans`, in which something may be.

    Documents are counted from the beginning of the span.

    Raises:
        ManifestError: as `trees`, for documents that hold no image, too.
    """
    whole_ = span is None or span == (0, len(data))
    separate = None if whole_ and _is_special(data, place) else pruned.parts(data, place, span)
    if separate is None:
        for number, tree in enumerate(trees(data, place)):
            yield find(number, tree)
        return
    reader = _Reader(table)
    number = 0
    for part in separate:
        listed = reader.listed(part, place, number, find)
        images = reader.read(part, number, find) if listed is None else listed
        if images is not None:
            yield images
            number += 1
            continue
        for tree in pruned.whole(part, place):
            yield find(number, tree)
            number += 1


class _Reader:
    """Reads documents without a full parse, and remembers their shapes."""

    def __init__(self, table: Places) -> None:
        self._table = table
        self._block = Block(KEEP)
        self._shapes = _SHAPES if table is BUILT_IN else None

    def read(self, part: Part, number: int, find: Find) -> list[Found] | None:
        """Return what is found in a document, None when it is for the full parser."""
        if NAME in part.text:  # a build says in its arguments where it pushes
            return None
        shapes = self._shapes
        plain = shapes is not None and len(part.text) < _LARGE and b"\t" not in part.text
        lines = part.text.split(b"\n") if plain else []
        outline = shapes.outline(lines) if shapes and lines else None
        template = shapes.known.get(outline.kept) if shapes and outline is not None else None
        if template is not None and outline is not None and not (template.quiet and _WORDS.search(part.text)):
            return template.filled(lines, outline.lines, part, number)
        cut = self._block.read(part.text, part.begin, part.line)
        use = cut is not None and _enough(cut, part.text, self._table)
        if use is None:
            if shapes and outline is not None:
                shapes.learn_nothing(outline)
            return []
        if not use or cut is None:
            return None
        images = find(number, cut)
        if shapes and outline is not None and isinstance(cut, MapNode) and items_of(cut) is None:
            shapes.learn(outline, lines, part, cut, images)
        return images

    def listed(self, part: Part, place: str, number: int, find: Find) -> list[Found] | None:
        """Return what is found in a ``List``, read item by item; None for any other document, or where that fails."""
        items = lists.items(part) if len(part.text) > _SMALL else None
        if items is None:
            return None
        result: list[Found] = []
        for index, item in enumerate(items):
            images = self.read(item, number, find)
            if images is None:
                images = _alone(item, place, number, find)
            if images is None:
                return None
            result += (_in_item(each, index) for each in images)
        return result


def _alone(item: Part, place: str, number: int, find: Find) -> list[Found] | None:
    """Parse an item of a ``List`` by itself; None where it is no object, or an alias of it is said in another one."""
    try:
        found = list(pruned.whole(item, place))
    except ManifestError:
        return None
    if len(found) != 1 or not isinstance(found[0], MapNode) or identity(found[0]) is None or items_of(found[0]):
        return None
    return find(number, found[0])


def _in_item(found: Found, index: int) -> Found:
    dot = "" if found.field.startswith("[") else "."
    return replace(found, field=f"items[{index}]{dot}{found.field}")


def _enough(tree: Node, text: bytes, table: Places) -> bool | None:
    objects = _objects(tree)
    if not objects:
        return False
    rows = [table.of(*each) for _, each in objects]
    if not any(rows) and not _WORDS.search(text):
        return None
    return all(
        found and _PLAIN.issuperset(found) and all(_has(node, pattern) for row in found for pattern in row.pods)
        for (node, _), found in zip(objects, rows, strict=True)
    )


def _has(node: Node, pattern: str) -> bool:
    return next(PathPattern.parse(pattern).find(node), None) is not None


def _objects(tree: Node) -> list[tuple[Node, tuple[str, str, str]]]:
    """Return the object, or those of a ``List``, with group, kind and name; nothing where one of them is none."""
    known = identity(tree)
    if known is None or not isinstance(tree, MapNode):
        return []
    items = items_of(tree)
    if items is None:
        return [] if known[1].endswith("List") else [(tree, known)]
    below = [_objects(item) for item in items.items]
    return [each for found in below for each in found] if all(below) else []
