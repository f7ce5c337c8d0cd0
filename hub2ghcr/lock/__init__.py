"""The lock file ``images.lock.yaml``: what every image was when it was decided to move it, and where it goes.

It alone drives copying and rewriting: an image without an entry is not switched. The file is committed, sorted by
source and written with the same bytes for the same entries; comments that people write into it stay.

An entry's ``source`` is a canonical reference with its tag (``docker.io/library/nginx:1.27``), or with its digest where
the workload names no tag (``docker.io/library/redis@sha256:…``). ``target`` has the same tag or none, and no digest. An
image that was published at its target has ``origin: published`` in place of a source.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from .. import files
from ..errors import LockError, ManifestError
from ..reference import Reference
from . import parsing, reading, writing
from .entry import Entry, Narrowed, Resolved, source_of, target_of
from .reading import VERSION

__all__ = ["VERSION", "Entry", "Lock", "Narrowed", "Resolved", "source_of", "target_of"]


@dataclass(frozen=True)
class Lock:
    """All locked images, sorted by their keys."""

    entries: tuple[Entry, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "entries", tuple(sorted(self.entries, key=lambda entry: entry.key)))
        for entry, following in zip(self.entries, self.entries[1:], strict=False):
            if entry.key == following.key:
                raise LockError("an image is locked twice", value=entry.key, remedy="keep one entry")

    @cached_property
    def _by_key(self) -> Mapping[str, Entry]:
        return {entry.key: entry for entry in self.entries}

    @cached_property
    def _by_target(self) -> Mapping[str, Entry]:
        # Without a tag many images share a target
        return {entry.target: entry for entry in self.entries if entry.place == entry.target}

    def at(self, key: str) -> Entry | None:
        """Return the entry with a key (see `Entry.key`)."""
        return self._by_key.get(key)

    def to(self, target: str) -> Entry | None:
        """Return the entry of an image on GHCR by its target with its tag: published there, or to be copied there."""
        return self._by_key.get(target) or self._by_target.get(target)

    def entry(self, reference: Reference) -> Entry | None:
        """Return the entry that ``reference`` stands for, by its source or its target; None when there is none.

        Raises:
            LockError: the reference names a digest, and its tag is locked at another one.
        """
        key = source_of(reference)
        found = self.at(key)
        digest = found.digest if found else ""
        if found is None and (found := self.to(key)) is not None:
            digest = found.target_digest
        if found is not None and reference.digest not in (None, digest):
            raise LockError(
                f"the image names a digest and its tag is locked at {digest}",
                value=str(reference),
                remedy="correct the image's digest, or `hub2ghcr lock --update`",
            )
        return found

    def merged(self, entries: Iterable[Entry]) -> Lock:
        """Return a lock where ``entries`` are added or take the place of those with the same key.

        One that was published takes the place of one that was copied to the same target, too.
        """
        new = {entry.key: entry for entry in entries}
        kept = (entry for entry in self.entries if entry.place not in new and entry.key not in new)
        return Lock((*kept, *new.values()))

    @classmethod
    def load(cls, path: Path, place: str = "") -> Lock:
        """Read a lock file; a missing one is an empty lock (every image is then reported as not locked).

        Raises:
            LockError, Problems: malformed entries, all in one run.
        """
        place = place or path.name
        text = _read(path, place)
        try:
            return cls(tuple(reading.entries(parsing.parse(text, place), place)))
        except LockError as error:
            raise (error if error.path else error.at(place)) from None

    def dumps(self) -> str:
        """Return a new file's text: the same for the same entries."""
        return writing.text(self.entries)

    def dump(self, path: Path) -> None:
        """Write the file in one step; what did not change keeps its bytes, and comments stay.

        Raises:
            LockError, Problems: the file cannot be written, or there is a malformed one.
        """
        data = writing.text(self.entries, _read(path, path.name)).encode()
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            files.replace(str(path), data, str(path))
        except OSError as error:
            raise LockError(f"cannot be written: {error.strerror}", str(path)) from None
        except ManifestError as error:
            raise LockError.of(error) from None


def _read(path: Path, place: str) -> str:
    try:
        return path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        return ""
    except UnicodeDecodeError as error:
        raise LockError(f"not UTF-8 at byte {error.start}", place, remedy="save the file as UTF-8") from None
    except OSError as error:
        raise LockError(f"cannot be read: {error.strerror}", place) from None
