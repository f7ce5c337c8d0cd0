"""Manifests by digest, kept on disk: each is fetched from a source at most once in the life of its digest.

A digest stands for the same bytes for ever, so nothing here grows old. What is read back is checked against its digest;
a file that does not hold is fetched anew. A folder that cannot be written keeps nothing beyond the run.
"""

from __future__ import annotations

import os
import tempfile
import threading
from collections.abc import Mapping
from pathlib import Path

from .allowance import Budget
from .errors import RegistryError
from .registry import Manifest, Registry
from .registry.content import manifest


def default_folder(environ: Mapping[str, str]) -> Path:
    """Return where manifests are kept: ``$XDG_CACHE_HOME``, else ``~/.cache``, and there ``hub2ghcr/manifests``."""
    cache = environ.get("XDG_CACHE_HOME") or Path(environ.get("HOME") or "~").expanduser() / ".cache"
    return Path(cache) / "hub2ghcr" / "manifests"


class ManifestStore:
    """Keeps manifests in a folder (None: in memory alone), and spends pulls on those it lacks. Safe for many threads.

    ``budget`` counts what is fetched, and may refuse it.
    """

    def __init__(self, folder: Path | None, budget: Budget | None = None) -> None:
        self.budget = budget or Budget()
        self._folder = folder
        self._memory: dict[str, Manifest] = {}
        self._fetching: dict[str, threading.Lock] = {}
        self._lock = threading.Lock()

    def known(self, digest: str) -> Manifest | None:
        """Return a manifest that is kept, its digest checked; None where it is not."""
        if self._folder is not None:
            try:
                media_type, _, content = self._path(self._folder, digest).read_bytes().partition(b"\n")
                return manifest(content, media_type.decode(), digest, digest)
            except (OSError, UnicodeDecodeError, RegistryError):
                pass
        return self._memory.get(digest)

    def get(self, registry: Registry, repository: str, digest: str) -> Manifest:
        """Return a manifest: a kept one, else the registry's. Threads that want the same one fetch it once.

        Raises:
            BudgetSpent: it is not kept, and no pulls are left.
            RegistryError: what the registry answered.
        """
        with self._lock:
            fetching = self._fetching.setdefault(digest, threading.Lock())
        with fetching:
            found = self.known(digest)
            if found is None:
                self.budget.take(registry.host)
                found = registry.get_manifest(repository, digest)
                self._keep(found)
        with self._lock:
            self._fetching.pop(digest, None)
        return found

    def _keep(self, wanted: Manifest) -> None:
        if self._folder is not None:
            path = self._path(self._folder, wanted.digest)
            try:
                self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)  # private images' names are in there, too
                path.parent.mkdir(parents=True, exist_ok=True)
                handle, temporary = tempfile.mkstemp(dir=path.parent)
                try:
                    with open(handle, "wb") as file:
                        file.write(wanted.media_type.encode() + b"\n" + wanted.content)
                    os.replace(temporary, path)
                except BaseException:
                    os.unlink(temporary)
                    raise
                return
            except OSError:
                pass
        self._memory[wanted.digest] = wanted

    @staticmethod
    def _path(folder: Path, digest: str) -> Path:
        algorithm, _, encoded = digest.partition(":")
        return folder / algorithm / encoded[:2] / encoded
