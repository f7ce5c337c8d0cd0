"""The lock file ``images.lock.yaml``: what every image was when it was decided to move it, and where it goes.

It alone drives copying and rewriting: an image without an entry is not switched. The file is committed, sorted by
source and written with the same bytes for the same entries.

An entry's ``source`` is a canonical reference with its tag (``docker.io/library/nginx:1.27``), or with its digest where
the workload names no tag (``docker.io/library/redis@sha256:…``). ``target`` has the same tag or none, and no digest.
"""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import yaml

from . import documents
from .errors import Hub2GhcrError, InvalidReference, LockError, ManifestError, Problems, raise_all
from .reference import DEFAULT_TAG, Reference, is_digest

VERSION: Final = 1
"""The schema's version; a file with another one is refused."""

_HEADER = "# Written by `hub2ghcr lock`. Commit it: it alone decides what is copied and what workloads run.\n"
_PLATFORM = re.compile(r"[a-z0-9]+/[a-z0-9]+(?:/[a-z0-9.]+)?")
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


@dataclass(frozen=True, slots=True, order=True)
class Resolved:
    """When (UTC, ``2026-11-20T10:00:00Z``) and from which registry host an entry was resolved."""

    at: str
    source: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One locked image: ``size`` in bytes of all a copy transfers, ``platforms`` as ``os/architecture[/variant]``."""

    source: str
    digest: str
    media_type: str
    platforms: tuple[str, ...]
    size: int
    target: str
    resolved: Resolved


@dataclass(frozen=True)
class Lock:
    """All locked images, sorted by source."""

    entries: tuple[Entry, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "entries", tuple(sorted(self.entries, key=lambda entry: entry.source)))
        for entry, following in zip(self.entries, self.entries[1:], strict=False):
            if entry.source == following.source:
                raise LockError("a source is locked twice", value=entry.source, remedy="keep one entry")

    @cached_property
    def _by_source(self) -> Mapping[str, Entry]:
        return {entry.source: entry for entry in self.entries}

    def entry(self, reference: Reference) -> Entry | None:
        """Return the entry that ``reference`` stands for, None when there is none.

        Raises:
            LockError: the reference names a digest, and its tag is locked at another one.
        """
        found = self._by_source.get(source_of(reference))
        if found is not None and reference.digest not in (None, found.digest):
            raise LockError(
                f"the image names a digest and its tag is locked at {found.digest}",
                value=str(reference),
                remedy="correct the image's digest, or `hub2ghcr lock --update`",
            )
        return found

    def merged(self, entries: Iterable[Entry]) -> Lock:
        """Return a lock where ``entries`` are added or take the place of those with the same source."""
        return Lock(tuple({**self._by_source, **{entry.source: entry for entry in entries}}.values()))

    @classmethod
    def load(cls, path: Path, place: str = "") -> Lock:
        """Read a lock file; a missing one is an empty lock (every image is then reported as not locked).

        Raises:
            LockError, Problems: malformed entries, all in one run.
        """
        place = place or path.name
        if not path.exists():
            return cls()
        try:
            found = documents.read(path, place)
        except ManifestError as error:
            raise LockError(error.what, error.path, error.value, error.remedy) from None
        return _decode(found, place)

    def dumps(self) -> str:
        """Return the file's text: the same for the same entries."""
        data = {"version": VERSION, "images": [_encode(entry) for entry in self.entries]}
        return _HEADER + yaml.safe_dump(data, sort_keys=False, allow_unicode=True, width=1000)

    def dump(self, path: Path) -> None:
        """Write the file in one step: whoever reads it sees the old or the new one, never a half.

        Raises:
            LockError: the file cannot be written.
        """
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
            try:
                with os.fdopen(handle, "w", encoding="utf-8") as file:
                    file.write(self.dumps())
                    file.flush()
                    os.fsync(file.fileno())
                os.chmod(temporary, 0o644)
                os.replace(temporary, path)
            except BaseException:
                os.unlink(temporary)
                raise
        except OSError as error:
            raise LockError(f"cannot be written: {error.strerror}", str(path)) from None


def source_of(reference: Reference) -> str:
    """Return the key of a reference's entry: canonical, by its tag, or by its digest where it has no tag.

    Where it has neither it is locked by ``latest``, which is what a pull of it takes.
    """
    if reference.digest and not reference.tag:
        return reference.canonical
    return f"{reference.name}:{reference.tag or DEFAULT_TAG}"


def target_of(reference: Reference) -> str:
    """Return how an entry spells its target: as its source, but never with a digest."""
    return reference.name if reference.digest and not reference.tag else source_of(reference)


def _plain(reference: Reference) -> str:
    return f"{reference.name}:{reference.tag}" if reference.tag else reference.name


def _encode(entry: Entry) -> dict[str, Any]:
    return {
        "source": entry.source,
        "digest": entry.digest,
        "mediaType": entry.media_type,
        "platforms": sorted(entry.platforms),
        "size": entry.size,
        "target": entry.target,
        "resolved": {"at": entry.resolved.at, "from": entry.resolved.source},
    }


def _decode(found: list[Any], place: str) -> Lock:
    if not found:
        return Lock()
    data = found[0]
    if len(found) > 1 or not isinstance(data, dict) or set(data) - {"version", "images"}:
        raise LockError("not a lock file", place, remedy="a lock has `version` and `images`; `hub2ghcr lock` writes it")
    if data.get("version") != VERSION:
        raise LockError(
            "unknown version", f"{place}: version", str(data.get("version")), f"this program reads {VERSION}"
        )
    images = data.get("images") or []
    if not isinstance(images, list):
        raise LockError("must be a list", f"{place}: images", str(images))
    problems: list[Hub2GhcrError] = []
    entries = []
    for index, image in enumerate(images):
        try:
            entries.append(_decode_entry(image))
        except Hub2GhcrError as error:
            problems.append(error.at(f"{place}: images[{index}]"))
    raise_all(problems)
    try:
        return Lock(tuple(entries))
    except LockError as error:
        raise error.at(place) from None


def _decode_entry(image: Any) -> Entry:
    fields = ("source", "digest", "mediaType", "platforms", "size", "target", "resolved")
    if not isinstance(image, dict) or sorted(map(str, image)) != sorted(fields):
        raise LockError("an entry has exactly the fields " + ", ".join(fields), value=str(image))
    resolved, platforms, size = image["resolved"], image["platforms"], image["size"]
    problems: list[Hub2GhcrError] = []

    def check(good: bool, field: str, expected: str) -> None:
        if not good:
            problems.append(LockError(f"must be {expected}", field, str(image[field])))

    for field, spelling in (("source", source_of), ("target", _plain)):
        try:
            check(spelling(Reference.parse(str(image[field]))) == image[field], field, "spelled in full")
        except InvalidReference as error:
            problems.append(error.at(field))
    check(is_digest(str(image["digest"])), "digest", "sha256: and 64 lower-case hex digits")
    check(isinstance(image["mediaType"], str), "mediaType", "a string")
    check(isinstance(size, int) and not isinstance(size, bool) and size >= 0, "size", "a number of bytes")
    check(
        isinstance(platforms, list) and all(isinstance(each, str) and _PLATFORM.fullmatch(each) for each in platforms),
        "platforms",
        "a list of os/architecture",
    )
    check(
        isinstance(resolved, dict)
        and set(resolved) == {"at", "from"}
        and isinstance(resolved["from"], str)
        and _INSTANT.fullmatch(str(resolved["at"])) is not None,
        "resolved",
        "{at: YYYY-MM-DDThh:mm:ssZ, from: host}",
    )
    if problems:
        raise Problems(problems)
    return Entry(
        image["source"],
        image["digest"],
        image["mediaType"],
        tuple(sorted(platforms)),
        size,
        image["target"],
        Resolved(resolved["at"], resolved["from"]),
    )
