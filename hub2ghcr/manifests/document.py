"""One Kubernetes object as a manifest has it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from ..places import InMemory, Places, in_memory


@dataclass(frozen=True)
class Document:
    """One Kubernetes object: where it stands (``stacks/demo/shop.yaml: Deployment web``) and what it says.

    ``namespace`` is None where the object names none. ``places`` are the rows that settings add to the table,
    ``updaters`` who writes an image by itself, by its text.
    """

    place: str
    api_version: str
    kind: str
    namespace: str | None
    name: str
    data: Mapping[str, Any]
    places: Places | None = None
    updaters: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def memory(self) -> InMemory:
        """What the table of places finds in it: read once, since survey, plan, guard and rewriting all ask."""
        read = in_memory(self.data, self.places)
        if not self.updaters:
            return read
        written = (self.updaters.get(each.text, each.updater) for each in read.found)
        found = (replace(each, updater=updater) for each, updater in zip(read.found, written, strict=True))
        return replace(read, found=tuple(found))
