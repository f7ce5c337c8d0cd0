"""Files read with a bound and replaced in one step."""

from __future__ import annotations

import os
import stat
import sys
import tempfile
from typing import Final

from .errors import ManifestError
from .walking import STREAM

MAX_SIZE: Final = 256 * 1024 * 1024
"""Bytes of one file. A ``List`` of a large cluster has about 100 MB."""

NEW: Final = 0o644
"""The mode of a file that was not there."""

_CHUNK: Final = 1 << 20


def read(path: str, place: str) -> bytes:
    """Return the bytes of a file, or of standard input.

    Raises:
        ManifestError: it cannot be read, is no file, or is larger than `MAX_SIZE`.
    """
    try:
        if path == STREAM:
            return _stream(place)
        with open(path, "rb") as file:
            if os.fstat(file.fileno()).st_size > MAX_SIZE:
                raise _too_large(place)
            return file.read()
    except OSError as error:
        raise ManifestError(f"cannot be read: {error.strerror}", place) from None


def replace(path: str, data: bytes, place: str) -> None:
    """Write a file in one step: whoever reads it sees the old or the new bytes. Mode and owner are kept.

    Raises:
        ManifestError: it cannot be written; the file is as it was.
    """
    try:
        before = os.stat(path) if os.path.exists(path) else None
        # A file in a folder that can be written could be replaced all the same, and its owner did not mean that
        if before and not os.access(path, os.W_OK):
            raise ManifestError("cannot be written: Permission denied", place, remedy="left as it was")
        folder, name = os.path.split(path)
        handle, temporary = tempfile.mkstemp(dir=folder, prefix=f".{name[:40]}.")
        try:
            with open(handle, "wb") as file:
                file.write(data)
                file.flush()
                _keep(before, handle)
                os.fsync(handle)
            os.replace(temporary, path)
        except BaseException:
            os.unlink(temporary)
            raise
    except OSError as error:
        raise ManifestError(f"cannot be written: {error.strerror}", place, remedy="left as it was") from None


def _keep(before: os.stat_result | None, handle: int) -> None:
    if before is None:
        os.fchmod(handle, NEW)
        return
    made = os.fstat(handle)
    if (made.st_uid, made.st_gid) != (before.st_uid, before.st_gid):
        try:
            os.fchown(handle, before.st_uid, before.st_gid)
        except PermissionError:
            pass  # only root gives files away; the content is what counts
    os.fchmod(handle, stat.S_IMODE(before.st_mode))


def _stream(place: str) -> bytes:
    chunks, size = [], 0
    while chunk := sys.stdin.buffer.read(_CHUNK):
        chunks.append(chunk)
        size += len(chunk)
        if size > MAX_SIZE:
            raise _too_large(place)
    return b"".join(chunks)


def _too_large(place: str) -> ManifestError:
    return ManifestError(f"larger than {MAX_SIZE >> 20} MiB", place, remedy="split it")
