"""Where one image comes from: archives that hold it, what is kept of it on this machine, and its registry."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Final

from ..archives import Archives
from ..errors import BudgetSpent, LockError, NotFound, RegistryError
from ..manifest_store import ManifestStore
from ..reference import Reference
from ..registry import Manifest, Registries
from .job import Job
from .narrowing import narrow

DEPTH: Final = 4
"""Levels of indexes within indexes that are followed; real ones have one."""


@dataclass(frozen=True, slots=True)
class Source:
    """The manifests and blobs of one image, by digest. A manifest is read from the registry once, and then kept."""

    job: Job
    registries: Registries
    manifests: ManifestStore
    archives: Archives | None = None

    @property
    def host(self) -> str:
        """The registry's host."""
        return Reference.parse(self.job.source).registry

    def manifest(self, digest: str) -> Manifest:
        """Return one manifest, its digest checked.

        Raises:
            RegistryError, ArchiveError: no place has it, or its registry must not be asked.
        """
        source = Reference.parse(self.job.source)
        archive = self.archives.at(digest) if self.archives else None
        if archive:
            return archive.get_manifest(source.repository, digest)
        try:
            return self.manifests.get(self.registries.at(source.registry), source.repository, digest)
        except BudgetSpent:
            raise
        except RegistryError as error:
            incomplete = self.archives.incomplete(digest) if self.archives else None
            if incomplete is not None:
                raise incomplete from None
            if self.job.archive:
                what = f"{error.what}; it was locked from the archive {self.job.archive}"
                raise type(error)(what, error.path, "", "give that with `--archive`") from None
            if isinstance(error, NotFound):
                what = f"{error.what}; it is locked as {self.job.source}"
                raise NotFound(what, error.path, "", error.remedy) from None
            raise

    def open_blob(self, digest: str) -> AbstractContextManager[Iterator[bytes]]:
        """Stream a blob, unchecked.

        Raises:
            RegistryError, failures.Passing: it cannot be read, or not now.
        """
        source = Reference.parse(self.job.source)
        archive = self.archives.at(digest) if self.archives else None
        content = archive or self.registries.at(source.registry)
        return content.open_blob(source.repository, digest)

    def image(self) -> list[Manifest]:
        """Return the manifests that the target is to hold, children before parents, the image itself last.

        Raises:
            RegistryError, ArchiveError: see `manifest`.
            LockError: the platforms make another index than the locked one.
        """
        if not self.job.narrowed:
            return self.tree(self.job.digest)
        narrowed = narrow(self.manifest(self.job.digest), self.job.platforms)
        if narrowed.digest != self.job.narrowed:
            what = f"its platforms make the index {narrowed.digest}, and {self.job.narrowed} is locked"
            raise LockError(what, self.job.source, remedy="`hub2ghcr lock` writes it anew")
        return self._below(narrowed, DEPTH)

    def tree(self, digest: str) -> list[Manifest]:
        """Return a manifest and all below it, children before parents, each once.

        Raises:
            RegistryError, ArchiveError: see `manifest`.
        """
        return self._below(self.manifest(digest), DEPTH)

    def _below(self, top: Manifest, depth: int) -> list[Manifest]:
        if top.is_index and not depth:
            raise RegistryError(f"indexes are nested more than {DEPTH} deep", self.job.source, top.digest)
        below: dict[str, Manifest] = {}
        for child in top.children:
            if child.digest not in below:
                below.update((each.digest, each) for each in self._below(self.manifest(child.digest), depth - 1))
        below.pop(top.digest, None)
        return [*below.values(), top]

    def kept(self, digest: str) -> Manifest | None:
        """Return a manifest that can be had without asking a registry, None where there is none."""
        archive = self.archives.at(digest) if self.archives else None
        if archive:
            return archive.get_manifest("", digest)
        return self.manifests.known(digest)

    def kept_image(self) -> Iterator[Manifest]:
        """Yield the manifests that the target holds of the image, as far as no registry need be asked for them."""
        todo = [self.kept(self.job.digest)]
        while todo:
            found = todo.pop()
            if found is None:
                continue
            if self.job.narrowed and found.digest == self.job.digest:
                found = narrow(found, self.job.platforms)
            yield found
            todo += [self.kept(child.digest) for child in found.children]
