"""OCI images made from bytes: layers, configurations, manifests and a multi-platform index, the same on every machine.

Media types and fields follow the OCI image specification 1.1; layers are plain tar, because compressed bytes differ
between versions of zlib.
"""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

INDEX_TYPE = "application/vnd.oci.image.index.v1+json"
MANIFEST_TYPE = "application/vnd.oci.image.manifest.v1+json"
CONFIG_TYPE = "application/vnd.oci.image.config.v1+json"
LAYER_TYPE = "application/vnd.oci.image.layer.v1.tar"

CREATED = "2020-09-01T00:00:00Z"
"""When every image of the lab was made: the day on which GHCR opened."""


@dataclass(frozen=True)
class Blob:
    """Content with its media type; ``digest`` is its address. ``urls``: where it is, if registries do not hold it."""

    media_type: str
    data: bytes
    urls: tuple[str, ...] = ()

    @property
    def digest(self) -> str:
        """``sha256:`` and 64 hexadecimal digits."""
        return "sha256:" + hashlib.sha256(self.data).hexdigest()

    def descriptor(self, **more: object) -> dict[str, object]:
        """The OCI descriptor that points at this blob."""
        urls = {"urls": list(self.urls)} if self.urls else {}
        return {"mediaType": self.media_type, "digest": self.digest, "size": len(self.data), **urls, **more}


@dataclass(frozen=True)
class Image:
    """What a tag stands for (an index, or one manifest), the manifests below it, and the blobs that those need.

    ``manifests`` stand in the order in which a registry takes them: what is listed before what lists it.
    """

    index: Blob
    manifests: tuple[Blob, ...]
    blobs: tuple[Blob, ...]

    @property
    def digest(self) -> str:
        """The digest of what a tag of the image stands for."""
        return self.index.digest


@dataclass(frozen=True)
class Content:
    """What an image holds: its entrypoint, labels, and for each architecture the layers from the lowest up.

    ``config`` are further fields of the OCI configuration's ``config``, or others in place of these.
    """

    entrypoint: tuple[str, ...]
    layers: Mapping[str, tuple[Blob, ...]]
    labels: Mapping[str, str] = field(default_factory=dict)
    config: Mapping[str, object] = field(default_factory=dict)


def layer(files: Mapping[str, bytes], links: Mapping[str, str] | None = None) -> Blob:
    """A layer with these files, all executable by everyone, owned by root, without a time; ``links`` are symbolic."""
    sink = io.BytesIO()
    with tarfile.open(fileobj=sink, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for name, data in sorted(files.items()):
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode, entry.mtime = len(data), 0o755, 0
            archive.addfile(entry, io.BytesIO(data))
        for name, target in sorted((links or {}).items()):
            entry = tarfile.TarInfo(name)
            entry.type, entry.linkname, entry.mode, entry.mtime = tarfile.SYMTYPE, target, 0o777, 0
            archive.addfile(entry)
    return Blob(LAYER_TYPE, sink.getvalue())


def image(content: Content) -> Image:
    """The image of a content: one manifest for each architecture, in sorted order."""
    manifests, blobs, listed = [], {}, []
    for architecture, layers in sorted(content.layers.items()):
        config = _config(content, architecture, layers)
        manifest = manifest_of(config, layers)
        manifests.append(manifest)
        blobs.update({blob.digest: blob for blob in (config, *layers)})
        listed.append(manifest.descriptor(platform={"architecture": architecture, "os": "linux"}))
    return Image(index_of(listed), tuple(manifests), tuple(blobs[digest] for digest in sorted(blobs)))


def manifest_of(config: Blob, layers: Iterable[Blob], media_type: str = MANIFEST_TYPE, **more: object) -> Blob:
    """The manifest of a configuration and its layers; ``more`` are further fields of it."""
    return json_blob(
        media_type,
        {
            "schemaVersion": 2,
            "mediaType": media_type,
            "config": config.descriptor(),
            "layers": [one.descriptor() for one in layers],
            **more,
        },
    )


def index_of(listed: Sequence[Mapping[str, object]], media_type: str = INDEX_TYPE) -> Blob:
    """The index that lists these descriptors."""
    return json_blob(media_type, {"schemaVersion": 2, "mediaType": media_type, "manifests": listed})


def archive(name: str, made: Image) -> bytes:
    """An OCI layout as a tar file; containerd's import gives the image the ``name``, a whole reference."""
    annotations = {"io.containerd.image.name": name, "org.opencontainers.image.ref.name": name.rpartition(":")[2]}
    top = {"schemaVersion": 2, "mediaType": INDEX_TYPE, "manifests": [made.index.descriptor(annotations=annotations)]}
    files = {"oci-layout": b'{"imageLayoutVersion":"1.0.0"}', "index.json": json_blob(INDEX_TYPE, top).data}
    for blob in (made.index, *made.manifests, *made.blobs):
        files["blobs/" + blob.digest.replace(":", "/")] = blob.data
    return layer(files).data


def _config(content: Content, architecture: str, layers: tuple[Blob, ...]) -> Blob:
    return json_blob(
        CONFIG_TYPE,
        {
            "architecture": architecture,
            "os": "linux",
            "created": CREATED,
            "config": {
                "Entrypoint": list(content.entrypoint),
                "Env": ["PATH=/"],
                "Labels": dict(content.labels),
                **content.config,
            },
            "rootfs": {"type": "layers", "diff_ids": [one.digest for one in layers]},
        },
    )


def json_blob(media_type: str, value: object) -> Blob:
    """A value as JSON, the same bytes each time."""
    return Blob(media_type, json.dumps(value, separators=(",", ":"), sort_keys=True).encode())
