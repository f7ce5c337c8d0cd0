"""An index with some of its platforms only: a new index, so a new digest, of the same manifests."""

from __future__ import annotations

import json
from collections.abc import Collection

from ..errors import RegistryError
from ..registry import Manifest
from ..registry.content import digest_of

SUBJECT = "vnd.docker.reference.digest"
"""The annotation by which an attestation in an index names the manifest that it is about (BuildKit)."""


def narrow(index: Manifest, platforms: Collection[str]) -> Manifest:
    """Return an index of the given platforms (``os/architecture[/variant]``) alone: same input, same bytes.

    ``linux/arm64`` also takes ``linux/arm64/v8``. What an index says of itself, and the order of its manifests, stay;
    attestations go with the manifests that they are about. One platform that is left still makes an index.

    Raises:
        RegistryError: it is no index, or lacks a platform.
    """
    if not index.is_index:
        raise RegistryError(
            "an image of one platform cannot be narrowed", value=index.digest, remedy="drop `platforms`"
        )
    if not platforms:
        raise RegistryError("no platform is given", value=index.digest, remedy="name one, or drop `platforms`")
    there = {each.platform for each in index.children if each.platform and not each.platform.startswith("unknown")}
    missing = sorted(each for each in platforms if not any(_is(platform, each) for platform in there))
    if missing:
        what = f"the image has no {', '.join(missing)}"
        raise RegistryError(what, value=index.digest, remedy=f"it has {', '.join(sorted(there)) or 'none'}")
    data = json.loads(index.content)
    listed = list(zip(index.children, data["manifests"], strict=True))
    wanted = {platform for platform in there if any(_is(platform, each) for each in platforms)}
    kept = {child.digest for child, _ in listed if child.platform in wanted}
    data["manifests"] = [
        item for child, item in listed if child.digest in kept or (item.get("annotations") or {}).get(SUBJECT) in kept
    ]
    content = json.dumps(data, separators=(",", ":"), ensure_ascii=False).encode()
    return Manifest(index.media_type, digest_of(content), content)


def _is(platform: str, wanted: str) -> bool:
    return platform == wanted or platform.startswith(f"{wanted}/")
