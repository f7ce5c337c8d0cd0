"""Manifest files as documents that are known to be Kubernetes objects."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from .. import documents
from ..errors import Hub2GhcrError, ManifestError, Problems, raise_all
from ..places import Places
from .document import Document
from .marking import marked


def load(file: Path, place: str, places: Places | None = None) -> tuple[Document, ...]:
    """Read a manifest file, in its order; the items of a ``List`` become documents of their own.

    Raises:
        ManifestError, Problems: unreadable, bad YAML, or documents that are not Kubernetes objects (all of them).
    """
    loaded = _loaded(documents.read(file, place), place, places)
    return marked(loaded, file.read_bytes(), place, places)


def parse(text: str, place: str, places: Places | None = None) -> tuple[Document, ...]:
    """Return the documents of a YAML text, as `load` does those of a file.

    Raises:
        ManifestError, Problems: as `load`.
    """
    return _loaded(documents.parse(text, place), place, places)


def _loaded(all_found: list[Any], place: str, places: Places | None) -> tuple[Document, ...]:
    problems: list[Hub2GhcrError] = []
    loaded: list[Document] = []
    for index, found in enumerate(all_found):
        try:
            loaded.extend(_documents(found, place, f"document {index + 1}", places))
        except (ManifestError, Problems) as error:
            problems.append(error)
    raise_all(problems)
    return tuple(loaded)


def _documents(found: Any, place: str, which: str, places: Places | None) -> Iterator[Document]:
    where = f"{place}: {which}"
    if not isinstance(found, Mapping):
        raise ManifestError(
            "not a Kubernetes object", where, str(found), "a document has apiVersion, kind and metadata"
        )
    api_version, kind = found.get("apiVersion"), found.get("kind")
    for field, value in (("apiVersion", api_version), ("kind", kind)):
        if not isinstance(value, str) or not value:
            raise ManifestError("not a Kubernetes object", where, f"{field}: {value}", f"write its {field}")
    if str(kind).endswith("List") and "items" in found:
        if not isinstance(found["items"], list):
            raise ManifestError("items must be a list", where)
        for index, item in enumerate(found["items"]):
            yield from _documents(item, place, f"{which}, items[{index}]", places)
        return
    metadata = found.get("metadata")
    name = metadata.get("name") if isinstance(metadata, Mapping) else None
    if not isinstance(metadata, Mapping) or not isinstance(name, str) or not name:
        remedy = "objects without a fixed name (generateName) cannot be declared"
        raise ManifestError("metadata.name is missing", f"{where} ({kind})", remedy=remedy)
    namespace = metadata.get("namespace")
    if namespace is not None and not isinstance(namespace, str):
        raise ManifestError("metadata.namespace must be a string", f"{where} ({kind} {name})", str(namespace))
    yield Document(f"{place}: {kind} {name}", str(api_version), str(kind), namespace, name, found, places)
