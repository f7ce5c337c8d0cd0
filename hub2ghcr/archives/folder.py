"""The files of an OCI layout that is a folder, by the names that they would have in a tar archive."""

from __future__ import annotations

import stat
from pathlib import Path

from ..errors import ArchiveError
from .extent import Extent


def members(path: Path) -> dict[str, Extent]:
    """Return the files at the top of a folder and those two levels below ``blobs``.

    Raises:
        ArchiveError: the folder cannot be read, or a symbolic link leads out of it.
    """
    found = {}
    try:
        root = path.resolve(strict=True)
        for each in sorted([*path.iterdir(), *(path / "blobs").glob("*/*")]):
            if not each.resolve().is_relative_to(root):
                name = each.relative_to(path).as_posix()
                raise ArchiveError("a link leads out of the folder", str(path), name, "put the file itself there")
            if each.exists() and stat.S_ISREG((status := each.stat()).st_mode):
                found[each.relative_to(path).as_posix()] = Extent(each, 0, status.st_size)
    except OSError as error:
        raise ArchiveError(f"cannot be read: {error.strerror}", str(path)) from None
    return found
