"""Manifest files, and folders of them."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from .. import manifests
from ..errors import Hub2GhcrError, ManifestError, Problems, raise_all
from ..manifests import Document
from ..places import Places
from . import inputs
from .entry import Plain, Source

SUFFIXES: Final = (".yaml", ".yml", ".json")
"""Of files that a folder is read for."""

KUSTOMIZATIONS: Final = frozenset({"kustomization.yaml", "kustomization.yml", "Kustomization"})
"""The names that Kustomize knows its files by."""


def load(entry: Plain, root: Path, places: Places) -> Source:
    """Read a file, or all files below a folder.

    Raises:
        ManifestError, Problems: what cannot be read, is no manifest, or is to be rendered first (all of them).
    """
    files = _files(entry.path, root) if (root / entry.path).is_dir() else (entry.path,)
    problems: list[Hub2GhcrError] = []
    documents: list[Document] = []
    for file in files:
        try:
            documents += manifests.load(root / file, file, places)
        except (ManifestError, Problems) as error:
            problems.append(error)
    raise_all(problems)
    name = os.path.basename(os.path.normpath(entry.path))
    return Source(entry.path, "files", name, files, inputs.digest(root, files), tuple(documents))


def _files(folder: str, root: Path) -> tuple[str, ...]:
    found, problems = [], []
    for file in inputs.below(root, folder):
        where, name = os.path.split(file)
        if name in KUSTOMIZATIONS:
            remedy = f"name the overlay to be rendered instead: {{kustomize: {where}}}"
            problems.append(ManifestError("a kustomization in a folder of manifests", file, remedy=remedy))
        elif name == "Chart.yaml":
            remedy = f"name the chart to be rendered instead: {{helm: {where}, release: …}}"
            problems.append(ManifestError("a chart in a folder of manifests", file, remedy=remedy))
        elif name.endswith(SUFFIXES):
            found.append(file)
    raise_all(problems)
    if not found:
        raise ManifestError("no manifest in this folder", folder, remedy=f"files end in {', '.join(SUFFIXES)}")
    return tuple(found)
