"""A folder as the context of a build: a compressed tar, the same bytes for the same files on one machine.

Files are root's, without a time; of their permissions only whether they can be executed is kept, as Git does it.
Symbolic links stay links. What is neither file, folder nor link stays out.
"""

from __future__ import annotations

import gzip
import hashlib
import os
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Final, cast

from ...errors import SettingsError
from .ignoring import Ignored

IGNORE: Final = ".dockerignore"


def pack(folder: Path, dockerfile: str, sink: IO[bytes] | None = None) -> str:
    """Write the context of a folder to ``sink``, and return the digest of the tar before it is compressed.

    Without a ``sink`` only the digest is found out. ``DOCKERFILE.dockerignore`` beside the Dockerfile goes before
    ``.dockerignore``, as in Docker and in kaniko. The Dockerfile is never left out.

    Args:
        folder: what is packed.
        dockerfile: as seen from it, with the sub-path that is built.
        sink: where it is written.

    Raises:
        SettingsError: a file that cannot be read, or an ignore file that cannot be understood.
    """
    hashed = _Hashed(sink)
    try:
        ignored = _ignored(folder, dockerfile)
        with tarfile.open(fileobj=cast(IO[bytes], hashed), mode="w|", format=tarfile.PAX_FORMAT) as archive:
            for path in _paths(folder, "", ignored, dockerfile):
                _add(archive, folder, path)
    except OSError as error:
        told = error.filename or folder
        raise SettingsError(f"the context cannot be read: {error.strerror}", str(told)) from None
    hashed.close()
    return hashed.digest


def digest_of(path: Path) -> str:
    """Return the digest of an archive as it is.

    Raises:
        SettingsError: it cannot be read.
    """
    try:
        with path.open("rb") as file:
            return "sha256:" + hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise SettingsError(f"the context cannot be read: {error.strerror}", str(path)) from None


class _Hashed:
    """A sink that hashes what is written, and compresses it into another one."""

    def __init__(self, sink: IO[bytes] | None) -> None:
        self._hash = hashlib.sha256()
        self._gzip = gzip.GzipFile("", "wb", 6, sink, mtime=0) if sink else None

    def write(self, data: bytes) -> int:
        self._hash.update(data)
        if self._gzip:
            self._gzip.write(data)
        return len(data)

    def close(self) -> None:
        if self._gzip:
            self._gzip.close()

    @property
    def digest(self) -> str:
        return "sha256:" + self._hash.hexdigest()


def _ignored(folder: Path, dockerfile: str) -> Ignored:
    for name in (f"{dockerfile}{IGNORE}", IGNORE):
        try:
            return Ignored.parse((folder / name).read_text(encoding="utf-8"), name)
        except (FileNotFoundError, NotADirectoryError):
            continue
        except UnicodeDecodeError:
            raise SettingsError("is not UTF-8", name, remedy="write it anew") from None
    return Ignored()


def _paths(folder: Path, below: str, ignored: Ignored, dockerfile: str) -> Iterator[str]:
    """Yield what is in a folder and not ignored, sorted; a folder that is ignored may hold what is not."""
    for name in sorted(os.listdir(folder / below)):
        path = f"{below}/{name}" if below else name
        entry = folder / path
        is_folder = entry.is_dir() and not entry.is_symlink()
        out = ignored(path) and path != dockerfile
        if not out:
            yield path
        if is_folder and (not out or ignored.lets_in or dockerfile.startswith(f"{path}/")):
            yield from _paths(folder, path, ignored, dockerfile)


def _add(archive: tarfile.TarFile, folder: Path, path: str) -> None:
    entry = folder / path
    found = archive.gettarinfo(entry, path)
    if found is None or not (found.isreg() or found.isdir() or found.issym() or found.islnk()):
        return
    found.uid = found.gid = 0
    found.uname = found.gname = ""
    found.mtime = 0
    found.pax_headers = {}
    found.mode = 0o755 if found.isdir() or found.mode & 0o111 else 0o644
    if found.islnk():  # which name of one file is first is chance
        found.type, found.linkname, found.size = tarfile.REGTYPE, "", entry.stat().st_size
    if found.isreg():
        with entry.open("rb") as file:
            archive.addfile(found, file)
    else:
        archive.addfile(found)
