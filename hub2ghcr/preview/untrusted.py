"""Files that nobody has reviewed yet, copied as data: regular files of UTF-8 text, bounded in number and size.

A link could lead to what is not the change's own (a credential's file), a device never ends, a file that can be run
could be run. What is not text is taken only where the base has the very same bytes; a chart's archive that is another
one is left out, since nothing of it would be rendered.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from ..errors import PreviewError

FILES: Final = 20_000
"""Files that are copied at most."""
LARGEST: Final = 64 << 20
"""Bytes of one file: the lock of 100,000 images has about 40 MiB."""
TOTAL: Final = 512 << 20
"""Bytes of all files."""
ARCHIVES: Final = (".tgz", ".tar.gz")
"""How the names of charts' archives end."""

_FLAGS: Final = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_PLAIN: Final = 0o644


class Untrusted:
    """Copies from one folder to another; what is refused is collected in ``problems``.

    Args:
        head: the folder of the change.
        base: the same folder as reviewed.
        target: where files are copied to.
    """

    def __init__(self, head: Path, base: Path, target: Path) -> None:
        self._head, self._base, self._target = head, base, target
        self._files, self._bytes = 0, 0
        self.problems: list[PreviewError] = []

    def folder(self, path: str) -> None:
        """Copy a folder with all that is in it; none where the head has none."""
        found = self._head / path
        if not os.path.lexists(found):
            return
        if found.is_symlink() or not found.is_dir():
            self._refuse("must be a folder", path)
            return
        for each in self._below(path):
            self.file(each)
            if self._files > FILES or self._bytes > TOTAL:
                self._refuse(f"more than {FILES} files, or {TOTAL >> 20} MiB", path, "change less at once")
                return

    def file(self, path: str) -> None:
        """Copy one file; none where the head has none."""
        try:
            data = self._read(path)
        except FileNotFoundError:
            return
        except OSError as error:
            what = "is a link" if (self._head / path).is_symlink() else f"cannot be read: {error.strerror}"
            self._refuse(what, path, "put the file itself there")
            return
        if data is None:
            return
        self._files, self._bytes = self._files + 1, self._bytes + len(data)
        if not _is_text(data) and not self._is_known(path, data):
            if not path.endswith(ARCHIVES):
                self._refuse("is not UTF-8 text, and another one than in the base", path, "keep it elsewhere")
            return
        place = self._target / path
        place.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, _PLAIN)
        with open(handle, "wb") as file:
            file.write(data)

    def _below(self, path: str) -> Iterator[str]:
        """Yield the files below a folder, sorted; what is neither file nor folder is refused."""
        for entry in sorted(os.scandir(self._head / path), key=lambda each: each.name):
            below = f"{path}/{entry.name}"
            if entry.is_dir(follow_symlinks=False):
                yield from self._below(below)
            elif entry.is_file(follow_symlinks=False):
                yield below
            else:
                self._refuse("is a link or a device", below, "put the file itself there")

    def _read(self, path: str) -> bytes | None:
        with open(self._opened(path), "rb") as file:
            handle = file.fileno()
            if not stat.S_ISREG(os.fstat(handle).st_mode):
                self._refuse("is no file", path, "put a file there")
                return None
            data = file.read(LARGEST + 1)
        if len(data) > LARGEST:
            self._refuse(f"larger than {LARGEST >> 20} MiB", path, "split it")
            return None
        return data

    def _opened(self, path: str) -> int:
        """Open a file folder by folder: a link above it would lead out as well as one in its place."""
        *folders, name = path.split("/")
        at = os.open(self._head, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            for each in folders:
                below = os.open(each, _FLAGS | os.O_DIRECTORY, dir_fd=at)
                os.close(at)
                at = below
            return os.open(name, _FLAGS, dir_fd=at)
        finally:
            os.close(at)

    def _is_known(self, path: str, data: bytes) -> bool:
        known = self._base / path
        return known.is_file() and known.stat().st_size == len(data) and known.read_bytes() == data

    def _refuse(self, what: str, path: str, remedy: str = "") -> None:
        self.problems.append(PreviewError(what, f"head: {path}", remedy=remedy))


def _is_text(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True
