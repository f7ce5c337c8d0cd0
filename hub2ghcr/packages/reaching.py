"""Which versions of a package anything reaches: what is in use, and all that hangs together with it.

What is kept keeps its parts: an index the manifests of its platforms, and every manifest what is attached to it
(signatures, attestations, SBOMs, other referrers), which is found by its ``subject`` or by the tag that is made of the
digest it is about. Such a tag (``sha256-….sig``) is nobody's wish, and keeps nothing by itself.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from ..github import Version

_ATTACHING: Final = re.compile(r"(sha256|sha512)-([0-9a-f]{64}(?:[0-9a-f]{64})?)(?:\.(?:sig|att|sbom))?")


@dataclass(frozen=True, slots=True)
class Stored:
    """A version and what its manifest names: the ``children`` of an index, and the ``subject`` it is attached to."""

    version: Version
    children: tuple[str, ...] = ()
    subject: str = ""


@dataclass(frozen=True, slots=True, order=True)
class Anchor:
    """Something in use: a digest, or a tag of the package, and in words who uses it."""

    reason: str
    digest: str = ""
    tag: str = ""


@dataclass(frozen=True, slots=True)
class Policy:
    """How many of the newest tagged versions their tags keep (None: all), and for how many days every version is."""

    versions: int | None = None
    days: int | None = None


@dataclass(frozen=True, slots=True)
class Kept:
    """A version that is kept, and why, sorted."""

    version: Version
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reached:
    """The versions of a package, newest first: those that something reaches, and those that nothing does."""

    kept: tuple[Kept, ...]
    unreached: tuple[Version, ...]


def reach(found: Iterable[Stored], anchors: Iterable[Anchor], policy: Policy, now: datetime) -> Reached:
    """Return which versions are reached.

    Args:
        found: all versions of the package, each with what its manifest names.
        anchors: what is in use; those of other packages reach nothing.
        policy: what is kept besides.
        now: the moment of asking, with a zone.
    """
    stored = {each.version.digest: each for each in found}
    newest = sorted(stored.values(), key=lambda each: (each.version.updated, each.version.number), reverse=True)
    reasons: dict[str, set[str]] = defaultdict(set)
    for digest, reason in (*_anchored(newest, anchors), *_by_policy(newest, policy, now)):
        reasons[digest].add(reason)
    attached = _attached(newest)
    todo = list(reasons)
    done: set[str] = set()
    while todo:
        digest = todo.pop()
        if digest in done or digest not in stored:
            continue
        done.add(digest)
        below = [(child, f"part of {short(digest)}") for child in stored[digest].children]
        for each, reason in [*below, *((other, f"attached to {short(digest)}") for other in attached[digest])]:
            if each in stored:
                reasons[each].add(reason)
                todo.append(each)
    return Reached(
        tuple(Kept(each.version, tuple(sorted(reasons[each.version.digest]))) for each in newest if _key(each) in done),
        tuple(each.version for each in newest if _key(each) not in done),
    )


def names(version: Version) -> tuple[str, ...]:
    """Return the tags that somebody gave a version: not those that say what it is attached to."""
    return tuple(tag for tag in version.tags if not _ATTACHING.fullmatch(tag))


def short(digest: str) -> str:
    """Return a digest as people compare it.

    >>> short("sha256:" + "ab" * 32)
    'sha256:abababababab'
    """
    return digest[: digest.find(":") + 13]


def _key(each: Stored) -> str:
    return each.version.digest


def _anchored(newest: Sequence[Stored], anchors: Iterable[Anchor]) -> Iterable[tuple[str, str]]:
    tagged = {tag: each.version.digest for each in newest for tag in each.version.tags}
    for anchor in anchors:
        if anchor.digest:
            yield anchor.digest, anchor.reason
        if anchor.tag in tagged:
            yield tagged[anchor.tag], anchor.reason


def _by_policy(newest: Sequence[Stored], policy: Policy, now: datetime) -> Iterable[tuple[str, str]]:
    named = [each for each in newest if names(each.version)]
    for each in named if policy.versions is None else named[: policy.versions]:
        yield each.version.digest, f"tag {', '.join(names(each.version))}"
    for each in newest:
        if policy.days is not None and _moment(each.version, now) > now - timedelta(days=policy.days):
            yield each.version.digest, f"of the last {policy.days} days"


def _moment(version: Version, now: datetime) -> datetime:
    """Return when a version was last pushed; what says nothing may be of just now."""
    try:
        found = datetime.fromisoformat(version.updated)
    except ValueError:
        return now
    return found if found.tzinfo else found.replace(tzinfo=now.tzinfo)


def _attached(newest: Sequence[Stored]) -> Mapping[str, list[str]]:
    """Return what is attached to each digest."""
    found: dict[str, list[str]] = defaultdict(list)
    for each in newest:
        if each.subject:
            found[each.subject].append(each.version.digest)
        for tag in each.version.tags:
            if match := _ATTACHING.fullmatch(tag):
                found[f"{match[1]}:{match[2]}"].append(each.version.digest)
    return found
