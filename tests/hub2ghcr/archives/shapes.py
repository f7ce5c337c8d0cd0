"""Images written as each kind of archive."""

from __future__ import annotations

import gzip
import io
import json
import tarfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from lab import oci

Files = dict[str, bytes]


def image(*layers: bytes, architectures: tuple[str, ...] = ("amd64", "arm64"), name: str = "x") -> oci.Image:
    """An image whose layers hold these bytes, for each architecture its own."""
    made = {
        each: tuple(oci.layer({f"{number}-{each}": data}) for number, data in enumerate(layers or (b"one", b"two")))
        for each in architectures
    }
    return oci.image(oci.Content((f"/{name}",), made))


def layout(images: Mapping[str, oci.Image], annotation: str = "io.containerd.image.name") -> Files:
    """The files of an OCI layout, as containerd and BuildKit write it."""
    listed = [each.index.descriptor(annotations={annotation: name}) for name, each in images.items()]
    blobs = {
        f"blobs/{blob.digest.replace(':', '/')}": blob.data
        for each in images.values()
        for blob in (each.index, *each.manifests, *each.blobs)
    }
    return {
        "oci-layout": b'{"imageLayoutVersion":"1.0.0"}',
        "index.json": json.dumps({"schemaVersion": 2, "mediaType": oci.INDEX_TYPE, "manifests": listed}).encode(),
        **blobs,
    }


def saved(images: Mapping[str, oci.Image], *, packed: bool = False) -> Files:
    """The files of a ``docker save`` archive before Docker 25; of each image its first platform.

    With ``packed`` the layers are compressed, as crane and kaniko write them.
    """
    files: Files = {}
    listed = []
    for name, each in images.items():
        config, layers = parts(each)
        paths = []
        for layer in layers:
            hexadecimal = layer.digest.partition(":")[2]
            path = f"{hexadecimal}.tar.gz" if packed else f"{hexadecimal}/layer.tar"
            files[path] = gzip.compress(layer.data, mtime=0) if packed else layer.data
            paths.append(path)
        path = f"{config.digest.partition(':')[2]}.json"
        files[path] = config.data
        listed.append({"Config": path, "RepoTags": [name], "Layers": paths})
    return {**files, "manifest.json": json.dumps(listed).encode()}


def parts(made: oci.Image) -> tuple[oci.Blob, list[oci.Blob]]:
    """Configuration and layers of an image's first platform."""
    blobs = {blob.digest: blob for blob in made.blobs}
    data: dict[str, Any] = json.loads(made.manifests[0].data)
    return blobs[data["config"]["digest"]], [blobs[each["digest"]] for each in data["layers"]]


def tar(
    files: Files, shape: int = tarfile.PAX_FORMAT, change: Callable[[tarfile.TarFile], None] | None = None
) -> bytes:
    """A tar archive of these files; ``change`` may add to it."""
    sink = io.BytesIO()
    with tarfile.open(fileobj=sink, mode="w", format=shape) as archive:
        for name, data in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
        if change:
            change(archive)
    return sink.getvalue()


def write(path: Path, files: Files) -> Path:
    """Write a tar archive."""
    path.write_bytes(tar(files))
    return path


def spread(path: Path, files: Files) -> Path:
    """Write files into a folder."""
    for name, data in files.items():
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_bytes(data)
    return path
