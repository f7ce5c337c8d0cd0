"""Manifests as registries hold them."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub2ghcr.errors import DigestMismatch, RegistryError
from hub2ghcr.registry.content import DOCKER_MANIFEST, OCI_INDEX, OCI_MANIFEST, digest_of, manifest

BLOB = {"mediaType": "application/vnd.oci.image.config.v1+json", "digest": "sha256:" + "a" * 64, "size": 2}
FOREIGN = {
    "mediaType": "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip",
    "digest": "sha256:" + "b" * 64,
    "size": 9,
    "urls": ["https://example.com/layer"],
}


def image(**fields: object) -> bytes:
    return json.dumps({"config": BLOB, "layers": [], **fields}).encode()


def test_a_manifest_keeps_its_bytes_and_names_each_blob_once() -> None:
    content = image(layers=[BLOB, FOREIGN])
    found = manifest(content, f"{DOCKER_MANIFEST}; charset=utf-8", None, "p")
    assert found.content == content
    assert found.media_type == DOCKER_MANIFEST
    assert [blob.digest for blob in found.blobs] == [BLOB["digest"], FOREIGN["digest"]]
    assert [blob.foreign for blob in found.blobs] == [False, True]


def test_an_index_names_manifests_with_their_platforms_and_no_blobs() -> None:
    child = {**BLOB, "platform": {"os": "linux", "architecture": "arm", "variant": "v7"}}
    found = manifest(json.dumps({"manifests": [child]}).encode(), OCI_INDEX, None, "p")
    assert [each.platform for each in found.children] == ["linux/arm/v7"]
    assert found.blobs == ()


@given(st.binary())
def test_other_bytes_than_promised_are_refused(content: bytes) -> None:
    expected = digest_of(b"promised")
    if content == b"promised":
        return
    with pytest.raises(DigestMismatch, match="the manifest should be sha256:"):
        manifest(content, OCI_MANIFEST, expected, "ghcr.io/a/b")


@pytest.mark.parametrize("algorithm", ["sha256", "sha384", "sha512"])
def test_each_algorithm_of_the_specification_is_checked(algorithm: str) -> None:
    content = image()
    expected = digest_of(content, f"{algorithm}:")
    assert manifest(content, OCI_MANIFEST, expected, "p").digest == expected


def test_a_manifest_of_schema_1_is_refused_in_one_line() -> None:
    kind = "application/vnd.docker.distribution.manifest.v1+prettyjws"
    with pytest.raises(RegistryError, match="cannot be copied unchanged") as caught:
        manifest(b"{}", kind, None, "docker.io/old/image:1")
    assert kind in str(caught.value)


@pytest.mark.parametrize("content", [b"", b"[]", b"\xff", b"{}", image(layers=1), image(layers=[{"digest": 1}])])
def test_malformed_content_is_an_error_of_ours(content: bytes) -> None:
    with pytest.raises(RegistryError):
        _ = manifest(content, OCI_MANIFEST, None, "p").blobs
