"""Resolving what workloads name to lock entries: digest, platforms, size.

The digest comes from a HEAD, which is free on Docker Hub; the manifest itself is read once for an image that was not
locked yet or has moved. ``size`` counts what that one manifest declares and, of an index, the manifests it lists but
not their layers: to read those would cost a pull for each platform.

An image that an archive names is resolved from that, and its registry is not asked. Once locked so, it stays so without
the archive: whatever a registry has under its name may be somebody else's.

A locked image keeps its digest until it is asked to follow its tag, and its entry's bytes do not change while nothing
about it does: running this twice gives the same file.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final, Literal

from .archives import ORIGIN, Archive, Archives
from .errors import Hub2GhcrError, LockError, NotFound, RegistryError, raise_all
from .lock import Entry, Lock, Resolved, source_of
from .reference import Reference, is_digest
from .registry import Manifest, Registries, Registry

JOBS: Final = 8
"""Images resolved at the same time."""

State = Literal["added", "unchanged", "retargeted", "moved", "followed"]


@dataclass(frozen=True, slots=True)
class Wanted:
    """An image that a workload names, and where the mapping sends it."""

    reference: Reference
    target: str


@dataclass(frozen=True, slots=True)
class Resolution:
    """What became of one source.

    ``added``: locked now. ``unchanged``. ``retargeted``: the mapping sends it elsewhere than before. ``moved``: the tag
    stands for another digest (``found``) than the locked one, which was kept. ``followed``: the same, and it was taken.
    """

    source: str
    state: State
    entry: Entry
    found: str
    before: str | None = None


def resolve(
    wanted: Iterable[Wanted],
    lock: Lock,
    registries: Registries,
    *,
    archives: Archives | None = None,
    update: bool = False,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
    jobs: int = JOBS,
) -> tuple[Resolution, ...]:
    """Resolve every source once, sorted by source: from ``archives`` that name it, else from its registry.

    With ``update`` tags that moved are followed.

    Raises:
        Problems: every image that could not be resolved, or that two workloads pin to different digests.
    """
    instant = now().astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    problems: list[Hub2GhcrError] = []
    found: list[Resolution] = []
    merged = _by_source(wanted, problems)

    def one(item: tuple[str, Wanted]) -> Resolution | Hub2GhcrError:
        source, each = item
        try:
            return _resolve(source, each, _locked(lock, source), registries, archives or Archives(), update, instant)
        except Hub2GhcrError as error:
            return error

    with ThreadPoolExecutor(jobs, "resolve") as pool:
        for result in pool.map(one, sorted(merged.items())):
            if isinstance(result, Hub2GhcrError):
                problems.append(result)
            else:
                found.append(result)
    raise_all(problems)
    return tuple(found)


def locked(lock: Lock, resolutions: Iterable[Resolution]) -> Lock:
    """Return the lock with what was resolved; entries of images that this stack does not name stay."""
    return lock.merged(each.entry for each in resolutions)


def _by_source(wanted: Iterable[Wanted], problems: list[Hub2GhcrError]) -> dict[str, Wanted]:
    """Merge the spellings of one image: a digest that one of them pins speaks for all."""
    merged: dict[str, Wanted] = {}
    for each in sorted(wanted, key=lambda item: (item.reference.canonical, item.target)):
        source = source_of(each.reference)
        other = merged.get(source)
        if other is None or other.reference.digest is None:
            merged[source] = each
        elif each.reference.digest not in (None, other.reference.digest):
            problems.append(
                LockError(
                    f"two workloads pin this tag to different digests: {other.reference.digest} and"
                    f" {each.reference.digest}",
                    source,
                    remedy="pin one digest, or give the other image a tag of its own",
                )
            )
    return merged


def _locked(lock: Lock, source: str) -> Entry | None:
    return next((entry for entry in lock.entries if entry.source == source), None)


def _resolve(
    source: str,
    wanted: Wanted,
    before: Entry | None,
    registries: Registries,
    archives: Archives,
    update: bool,
    instant: str,
) -> Resolution:
    reference = wanted.reference
    registry = registries.at(reference.registry)
    named = archives.named(reference)
    if named is not None:
        digest = named.digest
    elif before is not None and before.resolved.source.startswith(ORIGIN) and reference.digest in (None, before.digest):
        digest = before.digest
    else:
        digest = _digest(registry, reference, source)
    if before is not None and before.digest == digest:
        state: State = "unchanged" if before.target == wanted.target else "retargeted"
        return Resolution(source, state, replace(before, target=wanted.target), digest, before.target)
    if before is not None and not update:
        return Resolution(source, "moved", replace(before, target=wanted.target), digest, before.digest)
    archive = archives.at(digest)
    content = archive or registry
    manifest = content.get_manifest(reference.repository, digest)
    entry = Entry(
        source,
        digest,
        manifest.media_type,
        _platforms(content, reference.repository, manifest),
        _size(manifest),
        wanted.target,
        Resolved(instant, archive.origin if named and archive else reference.registry),
    )
    return Resolution(source, "followed" if before else "added", entry, digest, before.digest if before else None)


def _digest(registry: Registry, reference: Reference, source: str) -> str:
    # A pin decides, wherever its tag has gone meanwhile.
    head = registry.head_manifest(reference.repository, reference.digest or reference.tag or "latest")
    if head is None:
        raise NotFound("no such image", source, remedy="check name and tag; a private image looks the same")
    return head.digest


def _platforms(content: Registry | Archive, repository: str, manifest: Manifest) -> tuple[str, ...]:
    if manifest.is_index:
        # Attestations are listed as unknown/unknown.
        platforms = {each.platform for each in manifest.children if each.platform and "unknown" not in each.platform}
        return tuple(sorted(platforms))
    config = manifest.config
    if config is None or not is_digest(config.digest):
        return ()
    try:
        data = json.loads(content.get_blob(repository, config.digest))
        names = (data.get("os"), data.get("architecture"), data.get("variant"))
    except (ValueError, AttributeError):
        raise RegistryError("the image's configuration is not a JSON object", f"{content.host}/{repository}") from None
    return ("/".join(str(name) for name in names if name),) if all(names[:2]) else ()


def _size(manifest: Manifest) -> int:
    below = manifest.children if manifest.is_index else manifest.blobs
    return len(manifest.content) + sum(each.size for each in below)
