"""The files of one namespace whose delivery is ``render``."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .. import documents, files
from ..errors import Hub2GhcrError, ManifestError, raise_all
from ..manifests import Document
from ..plan import Workload
from ..sources import Source
from .editing import edited

Key = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class File:
    """One file: where it is written, below its target, and what it was made from."""

    path: str
    source: str
    data: bytes = field(repr=False)


def rendered(sources: Iterable[Source], workloads: Iterable[Workload], root: Path) -> tuple[File, ...]:
    """Return the files, sorted by path: copies of manifest files, and one file of each overlay and chart.

    Args:
        sources: of the namespace.
        workloads: what some of their documents become.
        root: the project's folder.

    Raises:
        Problems: files that hold Secrets, that cannot be changed in place, or that would be written to one path.
    """
    wanted = {(each.api_version, each.kind, each.name): each.document for each in workloads}
    found: dict[str, File] = {}
    problems: list[Hub2GhcrError] = []
    for source in sources:
        try:
            made = _copies(source, wanted, root) if source.kind == "files" else _whole(source, wanted)
        except Hub2GhcrError as error:
            problems.append(error)
            continue
        for file in made:
            if found.setdefault(file.path, file) != file:
                remedy = "rename one: names of files, overlays' folders and releases become names of files"
                what = f"{found[file.path].source} and {file.source} would be written to one file"
                problems.append(ManifestError(what, source.path, file.path, remedy))
    raise_all(problems)
    return tuple(found[path] for path in sorted(found))


def _whole(source: Source, wanted: Mapping[Key, Mapping[str, object]]) -> list[File]:
    if source.kind == "inventory":
        return []
    text = documents.dump(_said(each.data, _key(each), wanted) for each in source.documents)
    head = f"# Rendered by hub2ghcr from {source.path}; what went in is {source.digest}. Changes are lost.\n"
    return [File(f"{source.name}.yaml", source.path, (head + text).encode())]


def _copies(source: Source, wanted: Mapping[Key, Mapping[str, object]], root: Path) -> list[File]:
    made: list[File] = []
    problems: list[Hub2GhcrError] = []
    for name in source.files:
        path = os.path.relpath(name, source.path) if name != source.path else os.path.basename(name)
        try:
            made.append(File(path, name, _copy(files.read(str(root / name), name), name, wanted)))
        except Hub2GhcrError as error:
            problems.append(error)
    raise_all(problems)
    return made


def _copy(data: bytes, name: str, wanted: Mapping[Key, Mapping[str, object]]) -> bytes:
    def said(found: Any) -> Any:
        if (
            isinstance(found, Mapping)
            and str(found.get("kind")).endswith("List")
            and isinstance(found.get("items"), list)
        ):
            return {**found, "items": [said(each) for each in found["items"]]}
        key = (str(found["apiVersion"]), str(found["kind"]), str(found["metadata"]["name"]))
        if key[:2] == ("v1", "Secret") and (found.get("data") or found.get("stringData")):
            remedy = "keep it in a file that is no source of this namespace"
            raise ManifestError("holds a Secret, which is not copied", name, key[2], remedy)
        return _said(found, key, wanted)

    return edited(data, name, [said(each) for each in documents.parse(data.decode("utf-8-sig"), name)])


def _key(document: Document) -> Key:
    return document.api_version, document.kind, document.name


def _said(before: Mapping[str, Any], key: Key, wanted: Mapping[Key, Mapping[str, object]]) -> Mapping[str, Any]:
    """Return what a document becomes; its namespace is named only where it was: who applies it knows."""
    after: Mapping[str, Any] | None = wanted.get(key)
    if after is None or "namespace" in before["metadata"]:
        return before if after is None else after
    metadata = {name: value for name, value in after["metadata"].items() if name != "namespace"}
    return {**after, "metadata": metadata}
