"""An index of some platforms."""

from __future__ import annotations

import json
from collections.abc import Collection

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub2ghcr.copying import narrow
from hub2ghcr.errors import RegistryError
from hub2ghcr.registry import Manifest
from hub2ghcr.registry.content import DOCKER_LIST, OCI_INDEX, OCI_MANIFEST, digest_of

PLATFORMS = ("linux/amd64", "linux/arm64/v8", "linux/arm/v6", "linux/arm/v7", "windows/amd64")


def index(platforms: Collection[str] = PLATFORMS, media_type: str = OCI_INDEX, *, attested: bool = True) -> Manifest:
    listed = []
    for platform in platforms:
        system, architecture, *variant = platform.split("/")
        about = {"os": system, "architecture": architecture, **({"variant": variant[0]} if variant else {})}
        listed.append({"mediaType": OCI_MANIFEST, "digest": digest(platform), "size": 7, "platform": about})
    for platform in platforms if attested else ():
        notes = {"vnd.docker.reference.digest": digest(platform), "vnd.docker.reference.type": "attestation-manifest"}
        unknown = {"os": "unknown", "architecture": "unknown"}
        more = {"digest": digest(f"about {platform}"), "size": 8, "platform": unknown, "annotations": notes}
        listed.append({"mediaType": OCI_MANIFEST, **more})
    data = {"schemaVersion": 2, "mediaType": media_type, "manifests": listed, "annotations": {"a": "ü"}}
    content = json.dumps(data, indent=3, ensure_ascii=False).encode()
    return Manifest(media_type, digest_of(content), content)


def digest(text: str) -> str:
    return digest_of(text.encode())


@pytest.mark.parametrize("media_type", [OCI_INDEX, DOCKER_LIST])
def test_what_an_index_says_of_itself_stays_and_so_does_its_order(media_type: str) -> None:
    found = narrow(index(media_type=media_type), ["windows/amd64", "linux/amd64"])
    assert found.media_type == media_type
    assert found.digest == digest_of(found.content)
    data = json.loads(found.content)
    assert (data["mediaType"], data["annotations"], data["schemaVersion"]) == (media_type, {"a": "ü"}, 2)
    assert [each.digest for each in found.children] == [
        digest(name) for name in ("linux/amd64", "windows/amd64", "about linux/amd64", "about windows/amd64")
    ]


def test_a_platform_without_its_variant_takes_all_variants() -> None:
    assert [each.platform for each in narrow(index(attested=False), ["linux/arm"]).children] == [
        "linux/arm/v6",
        "linux/arm/v7",
    ]
    assert [each.platform for each in narrow(index(attested=False), ["linux/arm/v7"]).children] == ["linux/arm/v7"]


def test_one_platform_still_makes_an_index() -> None:
    assert narrow(index(attested=False), ["linux/amd64"]).is_index


@pytest.mark.parametrize(
    ("platforms", "expected"),
    [
        (["linux/amd64", "plan9/mips"], "the image has no plan9/mips.*it has linux/amd64, linux/arm/v6"),
        (["linux/ar"], "the image has no linux/ar"),
        (["unknown"], "the image has no unknown"),
        ([], "no platform is given"),
    ],
)
def test_a_platform_that_is_not_there_is_named_with_those_that_are(platforms: list[str], expected: str) -> None:
    with pytest.raises(RegistryError, match=expected) as caught:
        narrow(index(), platforms)
    assert "unknown/unknown" not in str(caught.value)


def test_an_image_of_one_platform_is_not_narrowed() -> None:
    with pytest.raises(RegistryError, match="an image of one platform cannot be narrowed"):
        narrow(Manifest(OCI_MANIFEST, digest(""), b"{}"), ["linux/amd64"])


@given(st.sets(st.sampled_from(PLATFORMS), min_size=1))
def test_narrowing_again_changes_nothing_and_order_of_platforms_does_not_matter(platforms: set[str]) -> None:
    found = narrow(index(), platforms)
    assert narrow(found, platforms) == found
    assert narrow(index(), sorted(platforms, reverse=True)) == found
    assert len(found.children) == 2 * len(platforms)
