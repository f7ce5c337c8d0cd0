"""The documents of a file, no more of each than what its images need.

Kubernetes' own workloads, and objects that the table has no row for, are most of what clusters run. Written as they
mostly are, they are read without a full parse. `find` finds the same in them either way: only what the table's rows of
such an object look at, what looks like an image elsewhere (`hub2ghcr.places.uncovered`) and what remarks are made on
(`hub2ghcr.places.secrets`) counts, and a document in which anything else could be meant is parsed whole.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from ..source import MapNode, Node, trees
from ..source.block import Keep
from ..source.pruned import pruned
from .objects import identity, items_of
from .path import PathPattern
from .rows import WORKLOADS
from .table import Places

_ANYWHERE: Final = frozenset[str]()
_OWNER: Final = frozenset({"metadata"})

KEEP: Final = Keep(
    {
        "apiVersion": _ANYWHERE,
        "kind": _ANYWHERE,
        "name": _OWNER,
        "generateName": _OWNER,
        "image": _ANYWHERE,
        "imagePullSecrets": _ANYWHERE,
    },
    refused=re.compile(rb"(?i)image(?!PullPolicy: (?:Always|IfNotPresent|Never)\b)|docker\.|destination"),
    unread=frozenset({"kubectl.kubernetes.io/last-applied-configuration"}),
)
"""What `find` looks at in a workload, and the words without which no other line looks like an image."""

_WORDS: Final = re.compile(rb"(?i)image|docker|destination")
_PLAIN: Final = frozenset(WORKLOADS)


def documents(data: bytes, place: str, table: Places) -> Iterator[tuple[int, Node]]:
    """Yield the documents in which `find` may find something, each with its index.

    Raises:
        ManifestError: as `trees`, for documents that hold no image, too.
    """
    # A template is told by its whole tree, and a kustomization holds documents as texts.
    if b"{{" in data or "kustomization" in place.lower() or b"kustomize.config.k8s.io" in data:
        yield from enumerate(trees(data, place))
    else:
        yield from pruned(data, place, KEEP, lambda tree, text: _enough(tree, text, table))


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
