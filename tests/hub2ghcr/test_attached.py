"""What is attached to an image: how it is found is proven in tests/e2e/test_lock.py; here, what it is taken for."""

from __future__ import annotations

import pytest

from hub2ghcr.attached import Kind, fallback_tag, kind_of

HEX = "1" * 64


@pytest.mark.parametrize(
    ("artifact_type", "kind"),
    [
        ("application/vnd.cncf.notary.signature", "signature"),
        ("application/vnd.dev.cosign.artifact.sig.v1+json", "signature"),
        ("application/vnd.dev.sigstore.bundle.v0.3+json", "signature"),
        ("application/vnd.in-toto+json", "attestation"),
        ("application/spdx+json", "sbom"),
        ("application/vnd.cyclonedx+json", "sbom"),
        ("application/vnd.acme.notes", "referrer"),
        ("", "referrer"),
    ],
)
def test_a_referrer_is_what_its_type_says(artifact_type: str, kind: Kind) -> None:
    assert kind_of(artifact_type) == kind


@pytest.mark.parametrize(
    ("digest", "tag"), [(f"sha256:{HEX}", f"sha256-{HEX}"), (f"sha512:{HEX}{HEX}", f"sha512-{HEX}")]
)
def test_a_fallback_tag_is_never_longer_than_a_tag_may_be(digest: str, tag: str) -> None:
    assert fallback_tag(digest) == tag
