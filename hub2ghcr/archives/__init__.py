"""Archives as sources of images: what exists only on a node or on a laptop moves, too.

Three shapes are read, by what is in them: the archive of ``docker save``, old or new, an OCI layout in a folder, and
an OCI archive, which is a layout in a tar and what ``ctr --namespace k8s.io image export`` writes. Nothing is unpacked
to disk. A compressed archive is refused, for nothing can be found in it without unpacking all of it.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from ..errors import ArchiveError, Hub2GhcrError, raise_all
from ..reference import DEFAULT_TAG, Reference
from ..registry.content import INDEXES, Descriptor
from .archive import ORIGIN, Archive, Named
from .export import export_command

__all__ = ["ORIGIN", "Archive", "Archives", "Named", "export_command"]


class Archives:
    """The archives of one run.

    Raises:
        Problems: every archive that cannot be read, and every name that stands for different images.
    """

    def __init__(self, paths: Iterable[Path] = ()) -> None:
        problems: list[Hub2GhcrError] = []
        self._archives: list[Archive] = []
        self._named: dict[str, Named] = {}
        for path in paths:
            try:
                self._archives.append(Archive(path))
            except Hub2GhcrError as error:
                problems.append(error)
        for each in (named for archive in self._archives for named in archive.images):
            other = self._named.setdefault(each.reference, each)
            if other.digest != each.digest:
                what = f"stands for {other.digest} in {other.place} and for {each.digest}"
                problems.append(ArchiveError(what, f"{each.place}: {each.reference}", remedy="give one of them"))
        raise_all(problems)

    def images(self) -> tuple[Named, ...]:
        """Return every image with a name, once, sorted."""
        return tuple(sorted(self._named.values()))

    def named(self, reference: Reference) -> Named | None:
        """Return the image that an archive has under a name; where the name has a digest, only that one."""
        tagged = f"{reference.name}:{reference.tag or DEFAULT_TAG}"
        if reference.digest is None:
            return self._named.get(tagged)
        archive = self.at(reference.digest)
        return Named(reference.canonical, reference.digest, archive.host) if archive else None

    def at(self, digest: str) -> Archive | None:
        """Return an archive that holds a manifest or blob, None where none does."""
        return next((archive for archive in self._archives if digest in archive), None)

    def incomplete(self, digest: str) -> ArchiveError | None:
        """Return the error for a manifest that an index in an archive names and the archive does not hold.

        None where no index names it. An export for one platform leaves the others out.
        """
        for named in self.images():
            archive = self.at(named.digest)
            if archive is None:
                continue
            missing = self._missing(archive, named.digest)
            if any(each.digest == digest for each in missing):
                platforms = ", ".join(sorted({each.platform or each.digest for each in missing}))
                return ArchiveError(
                    f"it lacks platforms of {named.reference}, and the registry does not give them: {platforms}",
                    archive.host,
                    remedy="export it again after `ctr image pull --all-platforms`, or give its rule `platforms` and"
                    " `allowNewDigest: true`",
                )
        return None

    def _missing(self, archive: Archive, digest: str) -> list[Descriptor]:
        index = archive.get_manifest("", digest)
        missing = []
        for child in index.children:
            if self.at(child.digest) is None:
                missing.append(child)
            elif child.media_type in INDEXES:
                missing += self._missing(archive, child.digest)
        return missing
