"""``actions/attest`` in the lab: there is no Sigstore to sign with, so that it signs nothing, and says so.

What it needs is checked as on GitHub: the job's permissions, a whole name without a tag, and a digest. With
``push-to-registry`` a bundle is attached to the image as the action does it, for clusters and copies to meet.
https://github.com/actions/attest#readme
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping

from lab import artifacts
from lab.oci import Blob
from lab.runner import registry, step
from lab.runner.step import StepError

BUNDLE = "application/vnd.dev.sigstore.bundle.v0.3+json"
"""The media type of what is attached."""

NEEDED = ("attestations", "id-token")
"""Permissions that the job must have, to write."""


def main(inputs: Mapping[str, str]) -> dict[str, str]:
    """Check what an attestation needs, and attach one that is not signed."""
    held: dict[str, str] = json.loads(os.environ["LAB_PERMISSIONS"])
    if missing := [name for name in NEEDED if held.get(name) != "write"]:
        raise StepError(f"Failed to get ID token or to persist attestation: missing permissions: {', '.join(missing)}")
    name, digest = inputs.get("subject-name", ""), inputs.get("subject-digest", "")
    if not re.fullmatch(r"sha256:[0-9a-f]{64}", digest):
        raise StepError('subject-digest must be in the format "sha256:<hex-digest>"')
    if not re.fullmatch(r"[a-z0-9.-]+\.[a-z]+(?::\d+)?(?:/[a-z0-9._-]+)+", name):
        raise StepError(f"subject-name is no whole image name without a tag, in lower case: {name!r}")
    if step.truth(inputs.get("push-to-registry", ""), "push-to-registry"):
        reference = f"{name}@{digest}"
        subject = registry.manifest(reference)
        bundle = artifacts.referrer(Blob(subject.media_type, subject.data), BUNDLE, "not signed: a lab has no Sigstore")
        registry.push(f"{name}@{bundle.digest}", bundle)
        if not registry.has_referrers(reference):
            registry.push(f"{name}:{artifacts.fallback_tag(digest)}", artifacts.fallback(bundle))
        print(f"attached {bundle.digest} to {reference}")
    print("::notice::Nothing was signed: a lab has no Sigstore")
    return {"attestation-id": "0", "attestation-url": "", "bundle-path": ""}


if __name__ == "__main__":
    step.run(main)
