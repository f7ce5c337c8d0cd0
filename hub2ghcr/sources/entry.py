"""What an entry of ``manifests`` is, and what it gives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ..manifests import Document


@dataclass(frozen=True, slots=True)
class Plain:
    """A manifest file, or a folder of them."""

    path: str


@dataclass(frozen=True, slots=True)
class Kustomize:
    """The folder of an overlay."""

    path: str


@dataclass(frozen=True, slots=True)
class Helm:
    """A chart (its folder, or its ``.tgz``), the release it is rendered for, and values files, the last one wins."""

    path: str
    release: str
    values: tuple[str, ...] = ()


Entry = Plain | Kustomize | Helm


@dataclass(frozen=True, slots=True)
class Source:
    """An entry of ``manifests``, read.

    Attributes:
        path: its file or folder, as the settings name it.
        kind: ``files``, ``kustomize``, ``helm``, or ``inventory`` for what no manifest names.
        name: what a file with its documents would be called: the release, the overlay's folder, the file.
        files: of kind ``files``, those that were read, in their order; of the others all that went into the rendering.
        digest: of the names and the bytes of these files.
        documents: in their order.
        notes: what was left out, and why.
    """

    path: str
    kind: Literal["files", "kustomize", "helm", "inventory"]
    name: str
    files: tuple[str, ...]
    digest: str
    documents: tuple[Document, ...]
    notes: tuple[str, ...] = ()
