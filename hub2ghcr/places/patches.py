"""JSON patches (RFC 6902), as kustomizations hold them: the images that their operations write into pod specs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from ..source import ListNode, MapNode, Scalar
from .found import Found
from .path import Path, text_of

if TYPE_CHECKING:
    from .objects import Reading

_CONTAINER: Final = re.compile(r"/spec/(?:\S*/)?(?:initC|c|ephemeralC)ontainers/(?:\d+|-)")


def images(node: ListNode, reading: Reading, path: Path) -> Iterator[Found]:
    """Yield the images of a list of operations: of an image's own path, or inside a whole container."""
    from .objects import text_found

    for index, item in enumerate(node.items):
        if not isinstance(item, MapNode) or text_of(item.get("op")) not in ("add", "replace", "test"):
            continue
        pointer, value, at = text_of(item.get("path")), item.get("value"), (*path, index, "value")
        if isinstance(value, MapNode) and _CONTAINER.fullmatch(pointer):
            value, at = value.get("image"), (*at, "image")
        elif not _CONTAINER.fullmatch(pointer.removesuffix("/image")):
            continue
        found = text_found(value, reading, at) if isinstance(value, Scalar) else None
        if found is not None:
            yield found
