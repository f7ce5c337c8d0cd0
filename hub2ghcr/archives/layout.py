"""An OCI image layout (OCI image specification 1.1, ``image-layout.md``), as a folder or as the members of a tar.

``index.json`` lists the images. containerd, BuildKit and Docker give each its whole name in
``io.containerd.image.name``; others write it to ``org.opencontainers.image.ref.name``, where those have the tag alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from ..errors import ArchiveError, DigestMismatch, Hub2GhcrError, raise_all
from ..reference import is_digest
from .extent import Extent
from .held import Held, canonical, lacks, read_json

MARK: Final = "oci-layout"
"""The file that every layout has at its top."""

_INDEX: Final = "index.json"


def read(members: Mapping[str, Extent], place: str) -> Held:
    """Return what a layout holds.

    Raises:
        ArchiveError, Problems: another version of layouts, or a malformed or incomplete list of images.
        DigestMismatch: an image's manifest is not as long as listed.
    """
    layout = read_json(members, MARK, place)
    version = layout.get("imageLayoutVersion") if isinstance(layout, dict) else None
    if not isinstance(version, str) or not version.startswith("1."):
        raise ArchiveError("unknown version", f"{place}: {MARK}", str(version), "this program reads 1.0.0")
    index = read_json(members, _INDEX, place)
    listed = index.get("manifests") if isinstance(index, dict) else None
    if listed is not None and not isinstance(listed, list):
        raise ArchiveError("`manifests` must be a list", f"{place}: {_INDEX}")
    extents = {digest: extent for name, extent in members.items() if (digest := _digest(name)) is not None}
    problems: list[Hub2GhcrError] = []
    named: dict[tuple[str, str], None] = {}
    for position, descriptor in enumerate(listed or []):
        try:
            digest = _listed(descriptor, extents, place)
            if (name := _name(descriptor)) is not None:
                named[name, digest] = None
        except Hub2GhcrError as error:
            problems.append(error.at(f"{place}: {_INDEX}: manifests[{position}]"))
    raise_all(problems)
    return Held(tuple(named), extents, {})


def _digest(member: str) -> str | None:
    folder, _, name = member.partition("/")
    digest = name.replace("/", ":", 1)
    return digest if folder == "blobs" and is_digest(digest) else None


def _listed(descriptor: Any, extents: Mapping[str, Extent], place: str) -> str:
    digest = descriptor.get("digest") if isinstance(descriptor, dict) else None
    if not isinstance(digest, str) or not is_digest(digest):
        raise ArchiveError("a malformed descriptor")
    if digest not in extents:
        raise lacks("", digest)
    if descriptor.get("size") != extents[digest].size:
        what = f"has {extents[digest].size} bytes and should have {descriptor.get('size')}"
        raise DigestMismatch(what, value=digest, remedy="write or fetch the archive again")
    return digest


def _name(descriptor: Any) -> str | None:
    annotations = descriptor.get("annotations")
    if not isinstance(annotations, dict):
        return None
    whole = annotations.get("io.containerd.image.name")
    if isinstance(whole, str):
        return canonical(whole)
    name = annotations.get("org.opencontainers.image.ref.name")
    return canonical(name) if isinstance(name, str) and ("/" in name or ":" in name) else None
