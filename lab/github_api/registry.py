"""The stand-in for GHCR as GitHub sees it: what was pushed there, and who may see it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import httpx

from lab import registry_admin
from lab.errors import LabError
from lab.ports import port
from lab.registry_config import folder

Visibility = Literal["public", "private"]


class Registry:
    """The lab's GHCR, read from its files, so that looking costs it no request and shows up in no counter.

    All answers are empty in a lab without one.
    """

    def __init__(self, state: Path) -> None:
        self.state = state
        self._home = folder(state, "ghcr")

    def visibility(self, repository: str) -> Visibility | None:
        """Who may pull a repository, which the registry's front decides; None if it does not know it."""
        try:
            known = json.loads((self._home / "visibility.json").read_text())
        except (OSError, json.JSONDecodeError):
            return None
        found: Visibility | None = known.get(repository)
        return found

    def set_visibility(self, repository: str, wanted: Visibility | Literal[""]) -> bool:
        """Tell the front who may pull; an empty string forgets the repository. False if there is no front."""
        try:
            registry_admin.set_visibility(self.state, "ghcr", repository, wanted)
        except LabError:
            return False
        return True

    def withdraw(self, repository: str, reference: str) -> None:
        """Take a manifest away, or a tag; nothing happens where there is no registry."""
        try:
            registry_admin.delete_manifest(self.state, "ghcr", repository, reference)
        except LabError:
            return

    def bring_back(self, repository: str, versions: Mapping[str, Sequence[str]]) -> None:
        """Push withdrawn manifests (digest to tags) once more; their bytes are still in the registry's storage."""
        indexes_last = sorted(versions, key=lambda digest: ("manifests" in self._document(digest), digest))
        for digest in indexes_last:
            for reference in versions[digest] or [digest]:
                try:
                    self._push(repository, reference, digest)
                except (LabError, OSError, httpx.HTTPError):
                    return

    def labels(self, digest: str) -> dict[str, str]:
        """The labels of an image; those of the first image of an index."""
        manifest = self._document(digest)
        for child in manifest.get("manifests", []):
            return self.labels(child["digest"])
        config = self._document(manifest.get("config", {}).get("digest", ""))
        found: dict[str, str] = config.get("config", {}).get("Labels") or {}
        return found

    def _push(self, repository: str, reference: str, digest: str) -> None:
        url = f"http://127.0.0.1:{port(self.state, 'ghcr-registry')}/v2/{repository}/manifests/{reference}"
        headers = {
            "Authorization": f"Bearer {registry_admin.token(self.state, 'ghcr', repository)}",
            "Content-Type": self._document(digest).get("mediaType", ""),
        }
        httpx.put(url, content=self._file(digest).read_bytes(), headers=headers, timeout=10, trust_env=False)

    def _file(self, digest: str) -> Path:
        algorithm, _, name = digest.partition(":")
        # Where distribution's file system driver keeps a blob (its registry/storage/paths.go).
        return self._home / "storage/docker/registry/v2/blobs" / algorithm / name[:2] / name / "data"

    def _document(self, digest: str) -> dict[str, Any]:
        try:
            found = json.loads(self._file(digest).read_bytes())
        except (OSError, ValueError):
            return {}
        return found if isinstance(found, dict) else {}
