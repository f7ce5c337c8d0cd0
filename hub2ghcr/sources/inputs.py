"""The files that go into a rendering, and their digest."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from ..errors import ManifestError


def digest(root: Path, files: Iterable[str]) -> str:
    """Return the digest of files: of their names and bytes, in the order of the names.

    Raises:
        ManifestError: a file cannot be read.
    """
    found = hashlib.sha256()
    for file in sorted(set(files)):
        try:
            data = (root / file).read_bytes()
        except OSError as error:
            raise ManifestError(f"cannot be read: {error.strerror}", file) from None
        found.update(b"%s\0%d\0" % (file.encode(), len(data)) + data)
    return f"sha256:{found.hexdigest()}"


def below(root: Path, folder: str, *, hidden: bool = False) -> Iterator[str]:
    """Yield the files of a folder and the folders in it, sorted; ``hidden`` ones too, but for Git's own.

    Raises:
        ManifestError: it cannot be read, or a symbolic link in it leads out of the project or to a folder.
    """
    try:
        entries = sorted(os.scandir(root / folder), key=lambda each: each.name)
    except OSError as error:
        raise ManifestError(f"cannot be read: {error.strerror}", folder) from None
    for entry in entries:
        path = os.path.normpath(f"{folder}/{entry.name}")
        if entry.name.startswith(".") and (not hidden or entry.name == ".git"):
            continue
        if entry.is_symlink() and not Path(entry.path).resolve().is_relative_to(root.resolve()):
            raise ManifestError("a symbolic link out of the project's folder", path, remedy="copy it, or remove it")
        if entry.is_symlink() and entry.is_dir():
            raise ManifestError("a symbolic link to a folder", path, remedy="name that folder itself, or copy it")
        if entry.is_dir(follow_symlinks=False):
            yield from below(root, path, hidden=hidden)
        elif entry.is_file():
            yield path
