"""Where workloads come from: files, folders, overlays, charts, and what lives in a cluster. All become documents.

Overlays and charts are rendered here and nowhere else, so that lock and plan see the images that are applied.
"""

from __future__ import annotations

from pathlib import Path

from ..places import Places
from . import helm, kustomize, plain
from .entry import Entry, Helm, Kustomize, Plain, Source
from .live import live

__all__ = ["Entry", "Helm", "Kustomize", "Plain", "Source", "Sources", "live", "rendered_from"]


def rendered_from(entry: Helm | Kustomize, root: Path) -> tuple[str, ...]:
    """Return all files that go into a rendering; nothing is rendered.

    Raises:
        ManifestError, Problems: what is named is not there, or needs the network.
    """
    return helm.files(entry, root) if isinstance(entry, Helm) else kustomize.files(entry, root)


class Sources:
    """The entries of one project, each read or rendered once.

    Args:
        root: the project's folder.
        places: rows that settings add to the table of places.
    """

    def __init__(self, root: Path, places: Places) -> None:
        self._root, self._places = root, places
        self._known: dict[tuple[Entry, str, str], Source] = {}

    def load(self, entry: Entry, namespace: str, version: str = "") -> Source:
        """Return what an entry gives in a namespace of a cluster of this version (`helm.load`).

        Raises:
            ManifestError, Problems: everything that is wrong with it.
        """
        key = (entry, namespace, version) if isinstance(entry, Helm) else (entry, "", "")
        if key not in self._known:
            self._known[key] = self._read(entry, namespace, version)
        return self._known[key]

    def _read(self, entry: Entry, namespace: str, version: str) -> Source:
        match entry:
            case Plain():
                return plain.load(entry, self._root, self._places)
            case Kustomize():
                return kustomize.load(entry, self._root, self._places)
            case Helm():
                return helm.load(entry, self._root, self._places, namespace, version)
