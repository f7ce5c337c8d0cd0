"""Archives of each shape: names, digests and bytes."""

from __future__ import annotations

import gzip
import hashlib
import json
import tarfile
import threading
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub2ghcr.archives import Archive, Named
from hub2ghcr.errors import ArchiveError, DigestMismatch, Hub2GhcrError, RegistryError
from hub2ghcr.registry.content import OCI_INDEX, OCI_MANIFEST, digest_of
from lab import oci

from . import shapes

NAME = "docker.io/library/app:1"
IMAGE = shapes.image()

_images = st.builds(
    lambda layers, architectures, name: shapes.image(*layers, architectures=tuple(architectures), name=name),
    st.lists(st.binary(max_size=3000), min_size=1, max_size=4),
    st.lists(st.sampled_from(["amd64", "arm64", "s390x"]), min_size=1, unique=True),
    st.sampled_from(["a", "b", "c"]),
)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("archives")


def blob(archive: Archive, digest: str) -> bytes:
    with archive.open_blob("", digest) as pieces:
        return b"".join(pieces)


@given(_images, st.booleans())
@settings(max_examples=50)
def test_a_layout_gives_the_bytes_of_its_image(place: Path, made: oci.Image, as_folder: bool) -> None:
    files = shapes.layout({NAME: made})
    path = place / f"layout-{made.digest}"
    archive = Archive(shapes.spread(path, files) if as_folder else shapes.write(path.with_suffix(".tar"), files))
    assert archive.images == (Named(NAME, made.digest, archive.host),)
    for each in (made.index, *made.manifests):
        found = archive.get_manifest("any", each.digest)
        assert (found.content, found.media_type) == (each.data, each.media_type)
    for each in made.blobs:
        assert blob(archive, each.digest) == each.data == archive.get_blob("any", each.digest)


@given(_images)
@settings(max_examples=50)
def test_what_docker_saved_gives_an_image_of_the_same_configuration_and_layers(place: Path, made: oci.Image) -> None:
    archive = Archive(shapes.write(place / "saved.tar", shapes.saved({"app:1": made})))
    (named,) = archive.images
    assert named.reference == NAME
    config, layers = shapes.parts(made)
    manifest = archive.get_manifest("any", named.digest)
    assert (manifest.media_type, digest_of(manifest.content)) == (OCI_MANIFEST, named.digest)
    assert manifest.config is not None
    assert manifest.config.digest == config.digest
    assert [each["digest"] for each in json.loads(manifest.content)["layers"]] == [each.digest for each in layers]
    for each in (config, *layers):
        assert blob(archive, each.digest) == each.data


def test_what_docker_saved_has_a_digest_that_can_be_locked(tmp_path: Path) -> None:
    """The digest stands for good: another one would unlock what is locked and copied."""
    archive = Archive(shapes.write(tmp_path / "saved.tar", shapes.saved({"app:1": IMAGE})))
    assert archive.images[0].digest == "sha256:c97aee813c3ec5804fad53827c8be0c354605106f20fb9683cc2edd31b8ab12c"
    assert list(json.loads(archive.get_manifest("", archive.images[0].digest).content)) == [
        "schemaVersion",
        "mediaType",
        "config",
        "layers",
    ]


def test_compressed_layers_are_taken_as_they_are(tmp_path: Path) -> None:
    files = shapes.saved({"app:1": IMAGE}, packed=True)
    archive = Archive(shapes.write(tmp_path / "saved.tar", files))
    manifest = archive.get_manifest("", archive.images[0].digest)
    packed = {digest_of(data): data for name, data in files.items() if name.endswith(".gz")}
    layers = json.loads(manifest.content)["layers"]
    assert {each["mediaType"] for each in layers} == {"application/vnd.oci.image.layer.v1.tar+gzip"}
    assert {each["digest"]: blob(archive, each["digest"]) for each in layers} == packed


@pytest.mark.parametrize("change", [lambda data: data[:-9], lambda _: gzip.compress(b"other"), lambda d: d[:10] + b"x"])
def test_a_compressed_layer_that_is_not_what_the_configuration_says_is_refused(
    tmp_path: Path, change: Callable[[bytes], bytes]
) -> None:
    files = shapes.saved({"app:1": IMAGE}, packed=True)
    name = next(name for name in files if name.endswith(".gz"))
    with pytest.raises(Hub2GhcrError, match="a layer should be sha256:"):
        Archive(shapes.write(tmp_path / "saved.tar", {**files, name: change(files[name])}))


@pytest.mark.parametrize(
    ("files", "reference"),
    [
        (shapes.layout({"docker.io/library/nginx:1.27": IMAGE}), "docker.io/library/nginx:1.27"),
        (shapes.layout({"localhost:32000/app:1": IMAGE}), "localhost:32000/app:1"),
        (shapes.layout({"quay.io/a/b": IMAGE}), "quay.io/a/b:latest"),
        (shapes.layout({"quay.io/a/b:2": IMAGE}, "org.opencontainers.image.ref.name"), "quay.io/a/b:2"),
        (shapes.saved({"mynginx:local": IMAGE}), "docker.io/library/mynginx:local"),
        (shapes.saved({"localhost/app:1": IMAGE}), "localhost/app:1"),
    ],
)
def test_names_are_canonical(tmp_path: Path, files: shapes.Files, reference: str) -> None:
    assert [each.reference for each in Archive(shapes.write(tmp_path / "a.tar", files)).images] == [reference]


@pytest.mark.parametrize(
    "files",
    [
        shapes.layout({"1.27": IMAGE}, "org.opencontainers.image.ref.name"),
        shapes.layout({"docker.io/UPPER:1": IMAGE}),
        shapes.layout({NAME: IMAGE}, "other"),
    ],
)
def test_an_image_without_a_whole_name_is_there_by_its_digest_alone(tmp_path: Path, files: shapes.Files) -> None:
    archive = Archive(shapes.write(tmp_path / "a.tar", files))
    assert archive.images == ()
    assert archive.get_manifest("", IMAGE.digest).content == IMAGE.index.data


def test_an_archive_of_docker_25_is_read_as_the_layout_that_it_is(tmp_path: Path) -> None:
    files = {**shapes.saved({"other:1": IMAGE}), **shapes.layout({NAME: IMAGE})}
    assert [each.digest for each in Archive(shapes.write(tmp_path / "a.tar", files)).images] == [IMAGE.digest]


def test_several_images_and_names_share_what_they_share(tmp_path: Path) -> None:
    other = shapes.image(b"one", b"three")
    for make in (shapes.layout, shapes.saved):
        files = make({"a/b:1": IMAGE, "a/b:2": other, "a/b:3": IMAGE})
        found = {each.reference: each.digest for each in Archive(shapes.write(tmp_path / "a.tar", files)).images}
        assert len(found) == 3
        assert found["docker.io/a/b:1"] == found["docker.io/a/b:3"] != found["docker.io/a/b:2"]


def test_a_manifest_without_a_media_type_has_the_one_of_its_fields(tmp_path: Path) -> None:
    for kind, fields in ((OCI_INDEX, {"manifests": []}), (OCI_MANIFEST, {"config": {}, "layers": []})):
        made = oci.Blob(kind, json.dumps({"schemaVersion": 2, **fields}).encode())
        archive = Archive(shapes.write(tmp_path / "a.tar", shapes.layout({NAME: oci.Image(made, (), ())})))
        assert archive.get_manifest("", made.digest).media_type == kind


def test_schema_1_is_refused_as_from_a_registry(tmp_path: Path) -> None:
    made = oci.Blob("", b'{"schemaVersion":1,"fsLayers":[]}')
    archive = Archive(shapes.write(tmp_path / "a.tar", shapes.layout({NAME: oci.Image(made, (), ())})))
    with pytest.raises(RegistryError, match=r"manifest\.v1\+json"):
        archive.get_manifest("", made.digest)


def _other(data: bytes) -> bytes:
    return bytes(len(data))


def test_bytes_that_are_not_what_their_digest_says_are_never_given_as_whole(tmp_path: Path) -> None:
    files = {name: _other(data) if name.startswith("blobs/") else data for name, data in layout().items()}
    archive = Archive(shapes.write(tmp_path / "a.tar", files))
    for each in IMAGE.blobs:
        with pytest.raises(DigestMismatch, match=r"a\.tar \(sha256:.*the archive is damaged"):
            blob(archive, each.digest)
    with pytest.raises(Hub2GhcrError, match=r"a\.tar \(sha256:"):
        archive.get_manifest("", IMAGE.digest)


@given(st.sampled_from(["layout", "saved", "packed"]), st.data())
@settings(max_examples=200, deadline=None)
def test_whatever_is_damaged_no_digest_gives_other_bytes(place: Path, shape: str, data: st.DataObject) -> None:
    files = layout() if shape == "layout" else shapes.saved({"app:1": IMAGE}, packed=shape == "packed")
    whole = bytearray(shapes.tar(files, data.draw(st.sampled_from([tarfile.GNU_FORMAT, tarfile.PAX_FORMAT]))))
    for _ in range(data.draw(st.integers(1, 3))):
        whole[data.draw(st.integers(0, len(whole) - 1))] ^= data.draw(st.integers(1, 255))
    if data.draw(st.booleans()):
        del whole[data.draw(st.integers(512, len(whole))) :]
    path = place / "damaged.tar"
    path.write_bytes(whole)
    try:
        archive = Archive(path)
    except Hub2GhcrError:
        return
    for digest in [each.digest for each in (IMAGE.index, *IMAGE.manifests, *IMAGE.blobs)]:
        try:
            assert digest not in archive or digest_of(archive.get_blob("", digest)) == digest
        except Hub2GhcrError as error:
            assert str(path) in str(error)


def layout() -> shapes.Files:
    return shapes.layout({NAME: IMAGE})


def saved() -> shapes.Files:
    return shapes.saved({"app:1": IMAGE})


def without(files: shapes.Files, part: str) -> shapes.Files:
    name = next(name for name in files if part in name)
    return {other: data for other, data in files.items() if other != name}


def index(**fields: Any) -> shapes.Files:
    return {**layout(), "index.json": json.dumps(fields).encode()}


def listing(**fields: Any) -> shapes.Files:
    (entry,) = json.loads(saved()["manifest.json"])
    return {**saved(), "manifest.json": json.dumps([{**entry, **fields}]).encode()}


def configured(data: bytes) -> shapes.Files:
    return {**listing(Config="config.json"), "config.json": data}


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({"readme": b"hello"}, "neither oci-layout nor manifest.json"),
        (without(saved(), "manifest.json"), "neither oci-layout nor manifest.json"),
        (without(layout(), "index.json"), "it lacks a file that it names: 'index.json'"),
        ({**layout(), "oci-layout": b'{"imageLayoutVersion":"2.0.0"}'}, "oci-layout: unknown version: '2.0.0'"),
        ({**layout(), "oci-layout": b"[]"}, "oci-layout: unknown version"),
        ({**layout(), "index.json": b"{"}, "index.json: not JSON"),
        ({**layout(), "index.json": b"[" * 100_000}, "index.json: not JSON"),
        (index(manifests={}), "`manifests` must be a list"),
        (index(manifests=[1]), r"manifests\[0\]: a malformed descriptor"),
        (index(manifests=[{"digest": "sha256:../../etc"}]), r"manifests\[0\]: a malformed descriptor"),
        (without(layout(), IMAGE.digest[7:]), rf"manifests\[0\]: it lacks a file that it names: '{IMAGE.digest}'"),
        (index(manifests=[{"digest": IMAGE.digest, "size": 1}]), r"manifests\[0\]: has \d+ bytes and should have 1"),
        ({"manifest.json": b"{}"}, "manifest.json: must be a list"),
        ({"manifest.json": b"[{}]"}, r"manifest.json: \[0\]: an entry has `Config`"),
        (listing(Layers=[]), "it has 0 layers, and its configuration 2"),
        (listing(Layers=["../../etc/passwd"] * 2), "it lacks a file that it names: '../../etc/passwd'"),
        (listing(RepoTags=[1]), "an entry has `Config`"),
        (without(saved(), "layer.tar"), "it lacks a file that it names: '[0-9a-f]{64}/layer.tar'"),
        (configured(b"[]"), "its configuration names no layers"),
        (configured(b'{"rootfs":{"diff_ids":["x"]}}'), "its configuration names no layers"),
        ({name: data + b" " * name.endswith("json") for name, data in saved().items()}, "is not what its name says"),
    ],
)
def test_what_is_malformed_is_one_line_with_its_place(tmp_path: Path, files: shapes.Files, message: str) -> None:
    path = shapes.write(tmp_path / "image.tar", files)
    with pytest.raises(Hub2GhcrError, match=message) as caught:
        Archive(path)
    assert str(caught.value).startswith(str(path))
    assert len(str(caught.value).splitlines()) == 1


def test_all_malformed_images_are_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(Hub2GhcrError) as caught:
        Archive(shapes.write(tmp_path / "a.tar", index(manifests=[1, 2, 3])))
    assert len(caught.value.lines) == 3


@pytest.mark.parametrize("name", ["missing.tar", "empty"])
def test_what_is_not_there_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(ArchiveError, match=f"{name}: no"):
        Archive(tmp_path / name)


def test_what_is_not_in_it_is_an_error_with_the_place(tmp_path: Path) -> None:
    archive = Archive(shapes.write(tmp_path / "a.tar", layout()))
    other = digest_of(b"other")
    assert other not in archive
    with pytest.raises(ArchiveError, match=rf"a\.tar \({other}\): not in this archive"):
        archive.get_manifest("", other)


def test_many_threads_read_at_once_and_memory_does_not_grow_with_a_blob(tmp_path: Path) -> None:
    layer = oci.layer({"big": bytes(48 << 20)})
    made = oci.image(oci.Content(("/x",), {"amd64": (layer,)}))
    archive = Archive(shapes.write(tmp_path / "a.tar", shapes.layout({NAME: made})))
    del layer
    digest = max(made.blobs, key=lambda each: len(each.data)).digest
    found: list[str] = []

    def read() -> None:
        hasher = hashlib.sha256()
        with archive.open_blob("", digest) as pieces:
            for piece in pieces:
                hasher.update(piece)
        found.append(f"sha256:{hasher.hexdigest()}")

    threads = [threading.Thread(target=read) for _ in range(4)]
    tracemalloc.start()
    try:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert found == [digest] * 4
    assert peak < 24 << 20, "four readers of two pieces of 1 MiB each"
