"""What ``docker save`` wrote before Docker 25, and Podman, Skopeo, kaniko and crane write to this day.

``manifest.json`` lists for each image its configuration, its names and its layers, and there is no manifest that a
registry would hold. One is made: an OCI manifest with the layers as they stand in the archive, in the form in which
Docker 25 and newer write it into their archives. The same archive always gives the same bytes, so its digest can be
locked. Layers are not compressed on the way: what a compressor makes depends on its version, and so would the digest.

A layer that is not compressed has its ``diff_id`` as digest, which is checked when it is read. One that is has to be
read at once, to learn its digest.
"""

from __future__ import annotations

import hashlib
import json
import re
import zlib
from collections.abc import Mapping
from posixpath import normpath
from typing import Any, Final

from ..errors import ArchiveError, DigestMismatch, Hub2GhcrError, raise_all
from ..reference import is_digest
from ..registry.content import OCI_MANIFEST, digest_of
from .extent import PIECE, Extent
from .held import MAX_JSON, Held, canonical, lacks, read_json

LIST: Final = "manifest.json"
"""The file that every such archive has at its top."""

_CONFIG: Final = "application/vnd.oci.image.config.v1+json"
_LAYER: Final = "application/vnd.oci.image.layer.v1.tar"
_GZIP: Final = b"\x1f\x8b"
_ZSTD: Final = b"\x28\xb5\x2f\xfd"
_WITH_HEADER: Final = 16 + zlib.MAX_WBITS
_HEX = re.compile(r"([a-f0-9]{64})(?:\.json)?$")
_REMEDY: Final = "write or fetch the archive again"


def read(members: Mapping[str, Extent], place: str) -> Held:
    """Return what an archive holds.

    Raises:
        ArchiveError, Problems: a malformed list of images, a layer that is missing, or their number is wrong.
        DigestMismatch: a configuration or a compressed layer is not what its digest says.
    """
    images = read_json(members, LIST, place)
    if not isinstance(images, list):
        raise ArchiveError("must be a list", f"{place}: {LIST}")
    problems: list[Hub2GhcrError] = []
    found = Held((), {}, {})
    for position, image in enumerate(images):
        try:
            found = _joined(found, _image(members, image))
        except Hub2GhcrError as error:
            problems.append(error.at(f"{place}: {LIST}: [{position}]"))
    raise_all(problems)
    return found


def _joined(one: Held, other: Held) -> Held:
    return Held(one.named + other.named, {**one.extents, **other.extents}, {**one.made, **other.made})


def _image(members: Mapping[str, Extent], image: Any) -> Held:
    config, layers, names = _fields(image)
    extent = _member(members, config)
    digest, diffs = _config(extent, config)
    if len(layers) != len(diffs):
        raise ArchiveError(f"it has {len(layers)} layers, and its configuration {len(diffs)}", remedy=_REMEDY)
    extents = {digest: extent}
    described = []
    for name, diff in zip(layers, diffs, strict=True):
        layer = _member(members, name)
        kind, layer_digest = _layer(layer, diff, name)
        extents[layer_digest] = layer
        described.append({"mediaType": kind, "digest": layer_digest, "size": layer.size})
    # The order of the keys is part of the digest
    made = {
        "schemaVersion": 2,
        "mediaType": OCI_MANIFEST,
        "config": {"mediaType": _CONFIG, "digest": digest, "size": extent.size},
        "layers": described,
    }
    content = json.dumps(made, separators=(",", ":")).encode()
    whole = digest_of(content)
    named = tuple((reference, whole) for each in names if (reference := canonical(each)) is not None)
    return Held(named, extents, {whole: content})


def _fields(image: Any) -> tuple[str, list[str], list[str]]:
    """Return configuration, layers and names of an entry; an image that was saved by its id has no names."""
    fields = image if isinstance(image, dict) else {}
    config, layers, names = fields.get("Config"), fields.get("Layers"), fields.get("RepoTags") or []
    lists = all(isinstance(each, list) and all(isinstance(one, str) for one in each) for each in (layers, names))
    if not isinstance(config, str) or not isinstance(layers, list) or not lists:
        raise ArchiveError("an entry has `Config`, `Layers` and `RepoTags`", value=str(image))
    return config, layers, names


def _member(members: Mapping[str, Extent], name: str) -> Extent:
    extent = members.get(normpath(name))
    if extent is None:
        raise lacks("", name)
    return extent


def _config(extent: Extent, name: str) -> tuple[str, list[str]]:
    """Return the digest of a configuration, and those of the layers that it names, unpacked."""
    content = extent.content(MAX_JSON)
    digest = digest_of(content)
    announced = _HEX.search(name)
    if announced and announced[1] != digest.partition(":")[2]:
        raise DigestMismatch("its configuration is not what its name says", value=name, remedy=_REMEDY)
    try:
        diffs = json.loads(content)["rootfs"]["diff_ids"]
    except (ValueError, RecursionError, KeyError, TypeError):
        diffs = None
    if not isinstance(diffs, list) or not all(isinstance(each, str) and is_digest(each) for each in diffs):
        raise ArchiveError("its configuration names no layers", value=name, remedy=_REMEDY)
    return digest, diffs


def _layer(extent: Extent, diff: str, name: str) -> tuple[str, str]:
    """Return media type and digest of a layer whose digest is ``diff`` when it is unpacked."""
    start = next(extent.pieces(), b"")[:4]
    if start.startswith(_GZIP):
        packed, unpacked = _hashes(extent, diff)
        if unpacked != diff:
            raise DigestMismatch(f"a layer should be {diff} and its bytes are {unpacked}", value=name, remedy=_REMEDY)
        return f"{_LAYER}+gzip", packed
    if start == _ZSTD:
        whole = hashlib.sha256()
        for piece in extent.pieces():
            whole.update(piece)
        return f"{_LAYER}+zstd", f"sha256:{whole.hexdigest()}"
    return _LAYER, diff


def _hashes(extent: Extent, diff: str) -> tuple[str, str]:
    """Return the digests of a gzip file as it is and unpacked; memory does not grow with either."""
    packed, unpacked = hashlib.sha256(), hashlib.new(algorithm := diff.partition(":")[0])
    unpacker, whole = zlib.decompressobj(wbits=_WITH_HEADER), False
    try:
        for piece in extent.pieces():
            packed.update(piece)
            while piece:
                unpacked.update(unpacker.decompress(piece, PIECE))
                piece, whole = unpacker.unconsumed_tail, unpacker.eof
                if whole:
                    # A gzip file may be several, one after the other, with zeros behind the last
                    piece, unpacker = unpacker.unused_data.lstrip(b"\0"), zlib.decompressobj(wbits=_WITH_HEADER)
    except zlib.error:
        whole = False
    if not whole:
        return "", "damaged"
    return f"sha256:{packed.hexdigest()}", f"{algorithm}:{unpacked.hexdigest()}"
