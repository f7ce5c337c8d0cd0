"""What is attached: its order, and the index of referrers."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub2ghcr.attached import Attached, fallback_tag
from hub2ghcr.copying.attaching import carried, listing
from hub2ghcr.errors import RegistryError
from hub2ghcr.registry import Manifest
from hub2ghcr.registry.content import OCI_INDEX, OCI_MANIFEST, digest_of


def attached(subject: str, digest: str) -> Attached:
    return Attached(subject, "referrer", digest, OCI_MANIFEST, "", 1, "")


def manifest(media_type: str = OCI_MANIFEST, **data: object) -> Manifest:
    content = json.dumps(data).encode()
    return Manifest(media_type, digest_of(content), content)


@given(st.permutations([attached("i", "a"), attached("a", "b"), attached("b", "c"), attached("i", "d")]))
def test_each_follows_what_it_is_attached_to(found: list[Attached]) -> None:
    order, rest = carried(found, None)
    assert (sorted(order), rest) == (sorted(found), [])
    digests = [each.digest for each in order]
    assert digests.index("a") < digests.index("b") < digests.index("c")


def test_what_is_about_a_manifest_that_does_not_go_stays_with_all_that_is_about_it() -> None:
    kept, dropped = attached("child", "a"), [attached("index", "b"), attached("b", "c")]
    assert carried([kept, *dropped], {"new index", "child"}) == ([kept], dropped)


def test_a_ring_of_attachments_ends() -> None:
    ring = [attached("a", "b"), attached("b", "a")]
    assert carried(ring, {"i"}) == ([], ring)


@pytest.mark.parametrize(
    ("digest", "tag"),
    [
        ("sha256:" + "a" * 64, "sha256-" + "a" * 64),
        ("sha512:" + "b" * 128, "sha512-" + "b" * 64),
    ],
)
def test_the_fallback_tag_is_the_digest_cut_to_what_a_tag_can_hold(digest: str, tag: str) -> None:
    assert fallback_tag(digest) == tag


def test_a_referrer_is_listed_behind_the_others_with_what_it_says_of_itself() -> None:
    first = manifest(artifactType="application/spdx+json", annotations={"by": "us"})
    config = {"mediaType": "application/vnd.example.config", "digest": digest_of(b""), "size": 0}
    second = manifest(config=config, layers=[])
    once = listing(None, first)
    assert (once.media_type, once.digest) == (OCI_INDEX, digest_of(once.content))
    assert json.loads(once.content) == {
        "schemaVersion": 2,
        "mediaType": OCI_INDEX,
        "manifests": [
            {
                "mediaType": OCI_MANIFEST,
                "digest": first.digest,
                "size": len(first.content),
                "artifactType": "application/spdx+json",
                "annotations": {"by": "us"},
            }
        ],
    }
    both = listing(once, second)
    assert [each.digest for each in both.children] == [first.digest, second.digest]
    assert both.children[1].artifact_type == "application/vnd.example.config"
    assert listing(once, second) == both


def test_a_tag_that_is_no_index_is_left_alone() -> None:
    with pytest.raises(RegistryError, match="delete this tag"):
        listing(manifest(), manifest())
