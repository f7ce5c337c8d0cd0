"""The image fields of a document, each with its path."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from .. import places
from ..errors import ManifestError
from ..places import Found
from ..places.path import Path, shown
from ..places.table import CONTAINER_LISTS
from .load import Document
from .pods import pod_kind, pod_spec


@dataclass(frozen=True, slots=True)
class ImageField:
    """One image of a document: the path inside it (keys and indexes), and the text that stands there."""

    path: tuple[str | int, ...]
    text: str

    @property
    def field(self) -> str:
        """The path as people write it: ``spec.template.spec.containers[0].image``."""
        return shown(self.path)


def images(document: Document) -> tuple[ImageField, ...]:
    """Return the images that the table of `hub2ghcr.places` finds in a document: of pod specs, in their order, first.

    Raises:
        ManifestError: a list that is none, or an image that is no string.
    """
    spec = pod_spec(document.data)
    for name in (*CONTAINER_LISTS, "volumes") if spec is not None else ():
        _check(spec or {}, name, document)
    return tuple(_field(path, found, document) for path, found in _found(document) if _is_whole(found))


def unknown_images(document: Document) -> tuple[str, ...]:
    """Return the texts that name images and that `images` leaves out.

    They stand under keys named ``image`` in a document whose kind has no place in the table, or are said in parts
    (Helm values).
    """
    kind = pod_kind(document.data)
    if kind is not None and kind.merges:
        return ()
    everything = tuple(_found(document))
    known = {path for path, found in everything if _is_whole(found)}
    parts = {found.text for path, found in everything if path not in known}
    return tuple(sorted(parts | {text for path, text in _images_below(document.data, ()) if path not in known}))


def _found(document: Document) -> Iterator[tuple[Path, Found]]:
    return places.in_memory(document.data, document.places)


def _is_whole(found: Found) -> bool:
    """Tell whether one text says the image, with its tag."""
    return len(found.parts) == 1 and found.why not in ("elsewhere", "pull-secret")


def _images_below(value: Any, path: tuple[str | int, ...]) -> Iterator[tuple[tuple[str | int, ...], str]]:
    if isinstance(value, Mapping):
        for key, below in value.items():
            if key == "image" and isinstance(below, str):
                yield (*path, key), below
            yield from _images_below(below, (*path, key))
    elif isinstance(value, list):
        for index, below in enumerate(value):
            yield from _images_below(below, (*path, index))


def _check(spec: Mapping[str, Any], name: str, document: Document) -> None:
    found = spec.get(name)
    if found is not None and (not isinstance(found, list) or not all(isinstance(each, Mapping) for each in found)):
        raise ManifestError(f"{name} must be a list of mappings", document.place)


def _field(path: Path, found: Found, document: Document) -> ImageField:
    value: Any = document.data
    for part in path:
        value = value[part]
    if not isinstance(value, str):
        raise ManifestError(f"{shown(path)} must be a string", document.place, str(value), "quote it")
    # An argument is more than its image. What holds variables is taken as it stands: nobody fills it in
    return ImageField(path, found.text if value.endswith(found.text) and not found.note else value)
