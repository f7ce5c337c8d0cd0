"""Overlays, rendered by ``kustomize build``."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from .. import documents, manifests
from ..errors import ManifestError
from ..places import Places
from . import inputs
from .entry import Kustomize, Source
from .kept import kept
from .plain import KUSTOMIZATIONS
from .program import run

_BASES: Final = ("resources", "bases", "components")


def files(entry: Kustomize, root: Path) -> tuple[str, ...]:
    """Return all that goes into an overlay's rendering, sorted; nothing is rendered.

    Raises:
        ManifestError: there is no overlay, or it needs the network.
    """
    return tuple(sorted(set(_reached(os.path.normpath(entry.path), root, set()))))


def load(entry: Kustomize, root: Path, places: Places) -> Source:
    """Render an overlay.

    Raises:
        ManifestError, Problems: it cannot be rendered, needs the network, or gives no Kubernetes objects.
    """
    folder = os.path.normpath(entry.path)
    used = files(entry, root)
    remedy = f"see `kustomize build {folder}`"
    digest = inputs.digest(root, used)
    text = run("kustomize", ("build", "--", f"./{folder}"), root, folder, remedy, digest)
    found, notes = kept(manifests.parse(text, folder, places), folder, "kustomize")
    name = "kustomization" if folder == "." else os.path.basename(folder)
    return Source(entry.path, "kustomize", name, used, digest, found, notes)


def _reached(folder: str, root: Path, seen: set[str]) -> Iterator[str]:
    """Yield the kustomization of a folder and what it names in the project, through all its bases."""
    if folder in seen:
        return
    seen.add(folder)
    file = next(
        (os.path.join(folder, name) for name in sorted(KUSTOMIZATIONS) if (root / folder / name).is_file()), None
    )
    if file is None:
        there = "no kustomization.yaml in it" if (root / folder).is_dir() else "no such folder"
        raise ManifestError(there, folder, remedy="name the folder that holds the kustomization")
    file = os.path.normpath(file)
    yield file
    for found in documents.read(root / file, file):
        for key, text in _texts(found):
            named = text.rpartition("=")[2]  # KEY=FILE, in generators
            path = os.path.normpath(f"{folder}/{named}")
            if named and not path.startswith("..") and (root / path).is_file():
                yield path
            elif named and not path.startswith("..") and _is_kustomization(root / path):
                yield from _reached(path, root, seen)
            elif key in _BASES and "\n" not in text:
                remedy = "a rendering asks no network: keep it in the project, and name it by its path"
                raise ManifestError("names what is not in the project", f"{file}: {key}", text, remedy)


def _texts(found: Any, key: str = "") -> Iterator[tuple[str, str]]:
    """Yield every string of a kustomization, with the top-level key below which it stands."""
    if isinstance(found, Mapping):
        for name, value in found.items():
            yield from _texts(value, key or str(name))
    elif isinstance(found, list):
        for value in found:
            yield from _texts(value, key)
    elif isinstance(found, str):
        yield key, found


def _is_kustomization(folder: Path) -> bool:
    return any((folder / name).is_file() for name in KUSTOMIZATIONS)
