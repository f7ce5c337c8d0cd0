"""The images of a document, each with its place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from ..errors import ManifestError
from ..places import Found
from ..places.path import Path
from ..places.table import CONTAINER_LISTS
from .document import Document
from .pods import pod_spec

_OPEN: Final = "its tag is said elsewhere, so nobody knows its digest: write the tag here"


@dataclass(frozen=True, slots=True)
class ImageField:
    """One image of a document.

    Attributes:
        path: keys and indexes of the value that says it, the first one of several.
        text: the reference, put together where several values say it.
        found: its place, as the table knows it.
    """

    path: Path
    text: str
    found: Found

    @property
    def field(self) -> str:
        """The path as people write it: ``spec.template.spec.containers[0].image``."""
        return self.found.field

    @property
    def fixed(self) -> str:
        """Why it cannot be pinned where it stands; empty where it can, or need not: an updater only follows it."""
        return self.found.note or (_OPEN if self.found.name_only and not self.followed else "")

    @property
    def followed(self) -> bool:
        """Whether an updater follows its tags: a name that moves with the images, and is none to be locked."""
        return bool(self.found.updater) and self.found.name_only

    @property
    def written(self) -> str:
        """Who writes its tag, and would take a digest away; empty for nobody."""
        return "" if self.followed else self.found.updater


def refusal(found: Found, why: str, document: Document) -> ManifestError:
    """Return the error of an image that moves and cannot be rewritten."""
    what = f"{found.field} cannot be rewritten: {why}"
    return ManifestError(what, document.place, found.text, "or exclude it from the mapping")


def images(document: Document) -> tuple[ImageField, ...]:
    """Return the images that the table of `hub2ghcr.places` finds in a document: of pod specs, in their order, first.

    Raises:
        ManifestError: a list that is none, or an image that is no string.
    """
    spec = pod_spec(document.data)
    for name in (*CONTAINER_LISTS, "volumes") if spec is not None else ():
        _check(spec or {}, name, document)
    memory = document.memory
    for found in memory.found:
        if found.why == "not-a-string" and len(found.parts) == 1:
            raise ManifestError(f"{found.field} must be a string", document.place, found.text, "quote it")
    return tuple(ImageField(memory.path(found.parts[0][1]), found.text, found) for found in memory.found)


def pushed(document: Document) -> tuple[ImageField, ...]:
    """Return where the builds of a document push to. Nothing of it is pulled, so nothing of it is locked or copied."""
    memory = document.memory
    return tuple(ImageField(memory.path(found.parts[0][1]), found.text, found) for found in memory.pushed)


def builds(document: Document) -> tuple[Found, ...]:
    """Return the remarks on a document's builds."""
    return document.memory.builds


def uncovered(document: Document) -> tuple[Found, ...]:
    """Return what looks like an image of Docker Hub where the table has no row for the document's kind."""
    return document.memory.uncovered


def _check(spec: Mapping[str, Any], name: str, document: Document) -> None:
    found = spec.get(name)
    if found is not None and (not isinstance(found, list) or not all(isinstance(each, Mapping) for each in found)):
        raise ManifestError(f"{name} must be a list of mappings", document.place)
