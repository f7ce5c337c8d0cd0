"""What a copy reads from: a registry, or an archive that holds the same content."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from typing import Protocol

from .content import Manifest


class Content(Protocol):
    """Manifests and blobs by digest. ``host`` names the place in errors: a registry's host, or an archive's path."""

    @property
    def host(self) -> str:
        """The registry's host, or the archive's path."""

    def get_manifest(self, repository: str, reference: str) -> Manifest:
        """Return a manifest byte for byte, its digest checked.

        Raises:
            RegistryError: it is not there, or other bytes than promised.
        """

    def open_blob(self, repository: str, digest: str) -> AbstractContextManager[Iterator[bytes]]:
        """Stream a blob in pieces as it comes, unchecked.

        Raises:
            RegistryError: it is not there.
            failures.Passing: it ended early, and another try may succeed.
        """
