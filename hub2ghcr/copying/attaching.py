"""What is attached to an image, at the target: whether it is there, and how it gets there.

Two ways are in use. cosign's signatures, attestations and SBOMs stand under a tag made of the digest they are about,
``sha256-<hex>.sig``. Referrers name it in their manifest's ``subject``; a registry that takes note of that says so
(``OCI-Subject``) and lists them by the referrers API. For one that does not, the OCI distribution specification 1.1
("Referrers Tag Schema") has an index under the tag ``sha256-<hex>``, which clients write together.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any, Final

from ..attached import Attached, fallback_tag
from ..errors import NotFound, RegistryError
from ..registry import Manifest
from ..registry.content import OCI_INDEX, digest_of
from .target import Target

ATTEMPTS: Final = 8
"""How often a referrer is written into the index of its subject, where others write at the same time."""

_WRITING = threading.Lock()


@dataclass(frozen=True, slots=True)
class There:
    """What a look at the target found: attached manifests that it lacks, and tags that stand for something else."""

    missing: tuple[Attached, ...] = ()
    kept: tuple[str, ...] = ()


def look(target: Target, attached: Iterable[Attached]) -> There:
    """Say which attached manifests a repository lacks.

    A tag that stands for another manifest is not missing: what was signed at the target stays signed.

    Raises:
        RegistryError: the registry cannot say.
    """
    missing: list[Attached] = []
    kept: list[str] = []
    referrers: dict[str, list[Attached]] = {}
    for each in attached:
        if not each.tag:
            referrers.setdefault(each.subject, []).append(each)
            continue
        found = target.registry.head_manifest(target.repository, each.tag, push=True)
        if found is None:
            missing.append(each)
        elif found.digest != each.digest:
            kept.append(each.tag)
    for subject, wanted in referrers.items():
        listed = _listed(target, subject, {each.digest for each in wanted})
        missing += [each for each in wanted if each.digest not in listed]
    return There(tuple(missing), tuple(kept))


def carried(attached: Iterable[Attached], about: Collection[str] | None) -> tuple[list[Attached], list[Attached]]:
    """Split what is attached to an image into what goes with it and what does not.

    With it go those that are about one of the manifests ``about`` (None: about any), and those that are attached to
    these in turn. They come in an order in which each follows what it is about.
    """
    rest = list(attached)
    known = set(about) if about is not None else {each.subject for each in rest} - {each.digest for each in rest}
    with_it: list[Attached] = []
    while found := [each for each in rest if each.subject in known]:
        with_it += found
        rest = [each for each in rest if each.subject not in known]
        known |= {each.digest for each in found}
    return with_it, rest


def put(target: Target, reference: str, wanted: Manifest) -> None:
    """Put a manifest, and where it has a subject see to it that it is found from there.

    Raises:
        RegistryError: it cannot be put, or others write the index of its subject all the time.
    """
    if not target.registry.put_manifest(target.repository, reference, wanted):
        list_(target, wanted)


def list_(target: Target, wanted: Manifest) -> None:
    """Write a manifest into the index of its subject, if it has one: for a registry that takes no note of subjects.

    Raises:
        RegistryError: others write that index all the time.
    """
    if wanted.subject is None:
        return
    subject = wanted.subject.digest
    # Others may write the same index: whoever does not find his entry in it afterwards writes it again.
    with _WRITING:
        for _ in range(ATTEMPTS):
            index = _index(target, subject)
            if index is not None and any(each.digest == wanted.digest for each in index.children):
                return
            target.registry.put_manifest(target.repository, fallback_tag(subject), listing(index, wanted))
    place = f"{target.registry.host}/{target.repository}:{fallback_tag(subject)}"
    raise RegistryError("others write this tag all the time", place, remedy="run it again")


def _listed(target: Target, subject: str, wanted: set[str]) -> set[str]:
    """Return the digests that are found from a subject, by the second way only where the first lacks some."""
    try:
        native = {each.digest for each in target.registry.referrers(target.repository, subject) or ()}
    except NotFound:
        native = set()
    if wanted <= native:
        return native
    index = _index(target, subject)
    return native | {each.digest for each in (index.children if index else ())}


def _index(target: Target, subject: str) -> Manifest | None:
    tag = fallback_tag(subject)
    if target.registry.head_manifest(target.repository, tag, push=True) is None:
        return None
    try:
        return target.registry.get_manifest(target.repository, tag, push=True)
    except NotFound:
        return None


def listing(index: Manifest | None, wanted: Manifest) -> Manifest:
    """Return the index of a subject with one referrer more: same input, same bytes.

    Raises:
        RegistryError: the tag stands for something that is no index.
    """
    if index is not None and not index.is_index:
        raise RegistryError("the tag of referrers is no index", value=index.digest, remedy="delete this tag")
    data: dict[str, Any] = json.loads(index.content) if index else {"schemaVersion": 2, "mediaType": OCI_INDEX}
    own = json.loads(wanted.content)
    kind = wanted.artifact_type or (wanted.config.media_type if wanted.config else "")
    entry = {
        "mediaType": wanted.media_type,
        "digest": wanted.digest,
        "size": len(wanted.content),
        **({"artifactType": kind} if kind else {}),
        **({"annotations": own["annotations"]} if own.get("annotations") else {}),
    }
    data["manifests"] = [*(data.get("manifests") or []), entry]
    content = json.dumps(data, separators=(",", ":"), ensure_ascii=False).encode()
    return Manifest(index.media_type if index else OCI_INDEX, digest_of(content), content)
