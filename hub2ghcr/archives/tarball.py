"""Where the members of a tar archive stand in it, without unpacking.

Read are the formats that image tools write: POSIX (ustar and pax) and GNU. Python's own reader is not used: it takes a
damaged header for the end of the archive, and a header of any size into memory.
"""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Final

from ..errors import ArchiveError
from .extent import Extent

MAX_HEADER: Final = 64 << 10
"""Bytes of one extended header. They hold names, and image archives have short ones."""
MAX_MEMBERS: Final = 1_000_000
"""Members of one archive; a thousand images have about a hundred thousand."""

_BLOCK: Final = 512
_FILES: Final = frozenset({b"0", b"\0", b"7"})
_SYMBOLIC: Final = b"2"
_LINKS: Final = frozenset({b"1", _SYMBOLIC})
# Links, devices, directories and pipes have no content, whatever their header says of a size.
_EMPTY: Final = frozenset({b"1", b"2", b"3", b"4", b"5", b"6"})
_EXTENDED: Final = frozenset({b"L", b"K", b"x", b"X", b"g"})
_COMPRESSED: Final = {b"\x1f\x8b": "gunzip", b"\x28\xb5\x2f\xfd": "unzstd", b"\xfd7zXZ\0": "unxz", b"BZh": "bunzip2"}


def members(path: Path) -> dict[str, Extent]:
    """Return every file of an archive by its name, links resolved.

    Raises:
        ArchiveError: it is no tar archive, compressed, cut off or damaged, or a name is in it twice or leads out of it.
    """
    try:
        with path.open("rb") as file:
            return _Reading(path, file).run()
    except OSError as error:
        raise ArchiveError(f"cannot be read: {error.strerror}", str(path)) from None


@dataclass(slots=True)
class _Extended:
    """What extended headers say of the member that follows them; it takes the place of what its own header says."""

    name: str | None = None
    link: str | None = None
    size: int | None = None


@dataclass(slots=True)
class _Reading:
    path: Path
    file: BinaryIO
    found: dict[str, Extent] = field(default_factory=dict)
    links: dict[str, str] = field(default_factory=dict)
    at: int = 0
    end: int = 0

    def run(self) -> dict[str, Extent]:
        self.end = self.file.seek(0, 2)
        extended = _Extended()
        while (header := self._header()) is not None:
            extended = self._member(header, extended)
        for name in self.links:
            if (target := self._follow(name)) in self.found:
                self.found[name] = self.found[target]
        return self.found

    def _header(self) -> bytes | None:
        self.file.seek(self.at)
        block = self.file.read(_BLOCK)
        if self.at and (not block or not any(block)):
            return None
        if len(block) == _BLOCK and _checksum(block) == _number(block[148:156]):
            self.at += _BLOCK
            return block
        if self.at:
            raise self._damaged("a header is damaged")
        for magic, program in _COMPRESSED.items():
            if block.startswith(magic):
                raise ArchiveError("compressed, so nothing can be found in it", str(self.path), remedy=f"{program} it")
        raise ArchiveError(
            "neither a tar archive nor a folder", str(self.path), remedy="give what `docker save` writes"
        )

    def _member(self, header: bytes, extended: _Extended) -> _Extended:
        kind = header[156:157]
        size = 0 if kind in _EMPTY else _number(header[124:136])
        if extended.size is not None and kind in _FILES:
            size = extended.size
        if size is None or size < 0:
            raise self._damaged("a header is damaged")
        if self.at + size > self.end:
            raise self._damaged("cut off")
        start, self.at = self.at, self.at + -(-size // _BLOCK) * _BLOCK
        if kind in _EXTENDED:
            return self._extend(kind, start, size, extended)
        name = extended.name if extended.name is not None else _name(header)
        if kind == b"S":
            raise ArchiveError("a member has holes", str(self.path), name, "write the archive again, without --sparse")
        if kind in _FILES and not name.endswith("/"):
            self.found[self._new(name)] = Extent(self.path, start, size)
        elif kind in _LINKS:
            name = self._new(name)
            link = extended.link if extended.link is not None else _text(header[157:257])
            self.links[name] = _inside(self.path, link, posixpath.dirname(name) if kind == _SYMBOLIC else "")
        return _Extended()

    def _extend(self, kind: bytes, start: int, size: int, extended: _Extended) -> _Extended:
        if size > MAX_HEADER:
            raise ArchiveError(f"a header is larger than {MAX_HEADER >> 10} KiB", str(self.path))
        self.file.seek(start)
        data = self.file.read(size)
        if kind == b"L":
            extended.name = _text(data)
        elif kind == b"K":
            extended.link = _text(data)
        else:
            # Names and sizes are each member's own: a header for all members has comments of whoever wrote the archive.
            records = self._records(data) if kind != b"g" else {}
            if any(key.startswith("GNU.sparse.") for key in records):
                raise ArchiveError("a member has holes", str(self.path), remedy="write it again, without --sparse")
            extended.name = records.get("path", extended.name)
            extended.link = records.get("linkpath", extended.link)
            if "size" in records:
                extended.size = int(records["size"]) if records["size"].isdecimal() else -1
        return extended

    def _records(self, data: bytes) -> Mapping[str, str]:
        """Read pax records: each is its own length, a blank, a key, ``=``, a value and a line feed."""
        records = {}
        while data:
            length, blank, _ = data[:20].partition(b" ")
            if not blank or not length.isdigit() or not len(length) + 1 < int(length) <= len(data):
                raise self._damaged("a header is damaged")
            key, _, value = data[len(length) + 1 : int(length) - 1].partition(b"=")
            records[key.decode(errors="surrogateescape")] = value.decode(errors="surrogateescape")
            data = data[int(length) :]
        return records

    def _new(self, name: str) -> str:
        name = _inside(self.path, name)
        if name in self.found or name in self.links:
            raise ArchiveError("a name is in it twice", str(self.path), name, "write the archive again")
        if len(self.found) + len(self.links) >= MAX_MEMBERS:
            raise ArchiveError(f"more than {MAX_MEMBERS} members", str(self.path), remedy="is it an image archive?")
        return name

    def _follow(self, name: str) -> str:
        seen = set()
        while (target := self.links.get(name)) is not None:
            if name in seen:
                raise ArchiveError("a link leads to itself", str(self.path), name)
            seen.add(name)
            name = target
        return name

    def _damaged(self, what: str) -> ArchiveError:
        return ArchiveError(f"{what} (byte {self.at})", str(self.path), remedy="write or fetch the archive again")


def _inside(path: Path, name: str, base: str = "") -> str:
    """Return the plain spelling of a member's name, which ``base`` is the folder of."""
    plain = posixpath.normpath(posixpath.join(base, name))
    if name.startswith("/") or plain == ".." or plain.startswith("../"):
        raise ArchiveError("a name leads out of the archive", str(path), name, "write the archive again")
    return plain


def _name(header: bytes) -> str:
    name = _text(header[:100])
    prefix = _text(header[345:500]) if header[257:263] == b"ustar\0" else ""
    return f"{prefix}/{name}" if prefix else name


def _text(data: bytes) -> str:
    return data.partition(b"\0")[0].decode(errors="surrogateescape")


def _number(data: bytes) -> int | None:
    """Read octal digits, or GNU's form for large numbers: the rest of the bytes, after one that is 0x80."""
    if data[0] & 0x80:
        return int.from_bytes(data[1:], "big") if data[0] == 0x80 else None
    digits = data.strip(b" \0")
    return int(digits or b"0", 8) if all(48 <= each < 56 for each in digits) else None


def _checksum(header: bytes) -> int:
    return sum(header) - sum(header[148:156]) + 8 * 32
