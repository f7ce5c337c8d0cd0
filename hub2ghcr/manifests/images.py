"""The image fields of a document, each with its path."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ..errors import ManifestError
from .load import Document
from .pods import CONTAINER_LISTS, pod_kind, pod_spec


@dataclass(frozen=True, slots=True)
class ImageField:
    """One image of a pod spec: the path inside the document (keys and indexes), and the text that stands there."""

    path: tuple[str | int, ...]
    text: str

    @property
    def field(self) -> str:
        """The path as people write it: ``spec.template.spec.containers[0].image``."""
        return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in self.path).removeprefix(".")


def images(document: Document) -> tuple[ImageField, ...]:
    """Return the images of containers, init and ephemeral containers, and of image volumes, in the document's order.

    Raises:
        ManifestError: a list that is none, or an image that is no string.
    """
    kind, spec = pod_kind(document.data), pod_spec(document.data)
    if kind is None or spec is None:
        return ()
    found: list[ImageField] = []
    for name in CONTAINER_LISTS:
        for index, container in enumerate(_list(spec, name, document)):
            if container.get("image") is not None:
                path = (*kind.path, name, index, "image")
                found.append(_field(path, container["image"], document))
    for index, volume in enumerate(_list(spec, "volumes", document)):
        image = volume.get("image")
        if isinstance(image, Mapping) and image.get("reference") is not None:
            path = (*kind.path, "volumes", index, "image", "reference")
            found.append(_field(path, image["reference"], document))
    return tuple(found)


def unknown_images(document: Document) -> tuple[str, ...]:
    """Return the texts under keys named ``image`` in a document whose kind is not known to hold a pod spec."""
    if pod_kind(document.data) is not None:
        return ()
    return tuple(sorted(set(_images_below(document.data))))


def _images_below(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        for key, below in value.items():
            if key == "image" and isinstance(below, str):
                yield below
            yield from _images_below(below)
    elif isinstance(value, list):
        for below in value:
            yield from _images_below(below)


def _list(spec: Mapping[str, Any], name: str, document: Document) -> list[Mapping[str, Any]]:
    found = spec.get(name)
    if found is None:
        return []
    if not isinstance(found, list) or not all(isinstance(each, Mapping) for each in found):
        raise ManifestError(f"{name} must be a list of mappings", document.place)
    return found


def _field(path: tuple[str | int, ...], text: Any, document: Document) -> ImageField:
    field = ImageField(path, text)
    if not isinstance(text, str):
        raise ManifestError(f"{field.field} must be a string", document.place, str(text), "quote it")
    return field
