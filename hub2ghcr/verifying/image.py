"""One image at its target: every manifest of it, their blobs, and what is attached to it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from ..attached import Attached, fallback_tag
from ..copying.attaching import carried
from ..errors import DigestMismatch, Hub2GhcrError, NotFound, RegistryError
from ..lock import Entry
from ..registry import Descriptor, Manifest, Registry

WHOLE: Final = "`hub2ghcr copy --whole` brings it"
DAMAGED: Final = "delete this version of the package, and copy it again"
DEPTH: Final = 5
"""Levels of indexes within indexes that are followed."""


class Image:
    """Looks at an image in one repository, and counts what it finds.

    Args:
        registry: where it is.
        repository: the one of its target.
        reading: whether the blob of a host and digest is to be read whole now; None reads none.
        step: is told whenever a blob was looked at.
    """

    def __init__(
        self,
        registry: Registry,
        repository: str,
        reading: Callable[[str, str], bool] | None = None,
        step: Callable[[], None] = lambda: None,
    ) -> None:
        self._registry = registry
        self._repository = repository
        self._reading = reading
        self._step = step
        self._seen: set[str] = set()
        self.manifests = self.blobs = self.attached = self.read = 0
        self.problems: list[Hub2GhcrError] = []

    def check(self, entry: Entry) -> None:
        """Look at all of it; everything that is wrong goes to ``problems``, each with its place."""
        self._tree(entry.place, entry.target_digest, DEPTH)
        # of a narrowed image, what is about a manifest that was left out was left out as well
        for each in carried(entry.attached, self._seen)[0]:
            place = f"{entry.place} ({each.kind} {each.tag or each.digest})"
            try:
                if self._leads_to(each):
                    self.attached += 1
                    self._tree(place, each.digest, DEPTH)
                else:
                    remedy = "`hub2ghcr copy` brings it"
                    self.problems.append(NotFound(f"is not found from {each.subject}", place, remedy=remedy))
            except RegistryError as error:
                self.problems.append(error.at(place))

    def _tree(self, place: str, digest: str, depth: int) -> None:
        if digest in self._seen:
            return
        self._seen.add(digest)
        if not depth:
            self.problems.append(RegistryError(f"indexes are nested more than {DEPTH} deep", place, digest))
            return
        try:
            found = self._registry.get_manifest(self._repository, digest)
        except NotFound:
            self.problems.append(NotFound(f"the manifest {digest} is missing", place, remedy=WHOLE))
            return
        except RegistryError as error:
            self.problems.append(error.at(place))
            return
        self.manifests += 1
        self._below(place, found, depth)

    def _below(self, place: str, found: Manifest, depth: int) -> None:
        for child in found.children:
            known = child.platform and "unknown" not in child.platform
            self._tree(f"{place} ({child.platform})" if known else place, child.digest, depth - 1)
        for blob in found.blobs:
            if not blob.foreign and blob.digest not in self._seen:
                self._seen.add(blob.digest)
                self._blob(place, blob)

    def _blob(self, place: str, blob: Descriptor) -> None:
        try:
            if self._reading and self._reading(self._registry.host, blob.digest):
                self._registry.check_blob(self._repository, blob)
                self.read += blob.size
            elif not self._registry.has_blob(self._repository, blob.digest):
                raise NotFound("it is missing")
            self.blobs += 1
        except RegistryError as error:
            remedy = DAMAGED if isinstance(error, NotFound | DigestMismatch) else error.remedy
            self.problems.append(type(error)(f"blob {blob.digest}: {error.what}", place, remedy=remedy))
        self._step()

    def _leads_to(self, attached: Attached) -> bool:
        """Whether the registry leads from a manifest to what is attached to it.

        A tag may stand for something else than at the source: what was signed at the target stays signed.
        """
        if attached.tag:
            return self._registry.head_manifest(self._repository, attached.tag) is not None
        listed = self._registry.referrers(self._repository, attached.subject) or ()
        if any(each.digest == attached.digest for each in listed):
            return True
        try:
            index = self._registry.get_manifest(self._repository, fallback_tag(attached.subject))
        except NotFound:
            return False
        return any(each.digest == attached.digest for each in index.children)
