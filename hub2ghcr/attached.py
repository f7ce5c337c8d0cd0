"""What is attached to an image: signatures, attestations, SBOMs and other referrers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["signature", "attestation", "sbom", "referrer"]


@dataclass(frozen=True, slots=True, order=True)
class Attached:
    """A manifest that is attached to another one, ``subject``.

    ``tag`` is ``sha256-<hex>.sig`` (``.att``, ``.sbom``) where it was found by its tag, empty where the referrers API
    or its fallback tag listed it. ``artifact_type`` is empty where there is none; ``size`` is bytes, blobs included.
    """

    subject: str
    kind: Kind
    digest: str
    media_type: str
    artifact_type: str
    size: int
    tag: str
