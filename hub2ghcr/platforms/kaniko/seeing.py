"""Look at a context that is on this machine: a folder, or a compressed tar."""

from __future__ import annotations

import os
import posixpath
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from ...errors import SettingsError
from .context import Seen

MAX_DOCKERFILE: Final = 1 << 20
"""Bytes of a Dockerfile that are read."""
MAX_NAMES: Final = 1_000_000
"""Files and folders of one context."""


def seen(path: Path, names: tuple[str, ...]) -> Seen:
    """Return what is in a folder or in a ``.tar.gz``, with the bytes of those files that ``names`` lists.

    Args:
        path: the folder, or the archive.
        names: where the Dockerfile may be (`dockerfile_names`).

    Raises:
        SettingsError: it is neither, cannot be read, or holds more than `MAX_NAMES` files.
    """
    try:
        return _folder(path, names) if path.is_dir() else _archive(path, names)
    except OSError as error:
        raise SettingsError(f"the context cannot be read: {error.strerror or error}", str(path)) from None
    except (tarfile.TarError, EOFError):
        told = "the context is no folder and no compressed tar"
        raise SettingsError(told, str(path), remedy="make one with tar -C FOLDER -czf context.tar.gz .") from None


def _folder(path: Path, names: tuple[str, ...]) -> Seen:
    found: set[str] = set()
    for folder, folders, files in os.walk(path):
        relative = Path(folder).relative_to(path).as_posix()
        found.update(posixpath.normpath(posixpath.join(relative, each)) for each in (*folders, *files))
        _bounded(found, path)
    held = {name: (path / name).read_bytes()[:MAX_DOCKERFILE] for name in names if (path / name).is_file()}
    return Seen(frozenset(found), held)


def _archive(path: Path, names: tuple[str, ...]) -> Seen:
    found: set[str] = set()
    held: dict[str, bytes] = {}
    # kaniko unpacks gzip alone: what else Python could open would not build
    with tarfile.open(path, "r:gz") as archive:
        for member in _members(archive):
            name = posixpath.normpath(member.name.lstrip("/"))
            found.add(name)
            _bounded(found, path)
            if name in names and (file := archive.extractfile(member)) is not None:
                held[name] = file.read(MAX_DOCKERFILE)
    return Seen(frozenset(found), held)


def _members(archive: tarfile.TarFile) -> Iterator[tarfile.TarInfo]:
    while (member := archive.next()) is not None:
        yield member


def _bounded(found: set[str], path: Path) -> None:
    if len(found) > MAX_NAMES:
        told = f"the context holds more than {MAX_NAMES} files"
        raise SettingsError(told, str(path), remedy="build from a smaller one")
