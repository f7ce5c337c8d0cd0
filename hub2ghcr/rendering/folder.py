"""A folder of the project with rendered files: ours alone are replaced and removed.

Which are ours is told by a list in the folder, in the format of ``sha256sum``: a file that it does not name, or that
says something else than when it was written, belongs to somebody else.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from .. import files
from ..errors import Hub2GhcrError, ManifestError, raise_all

LIST: Final = ".hub2ghcr-rendered"
"""The name of the list."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One file that is not as it should be; None stands for a file that is not there."""

    path: str
    before: bytes | None
    after: bytes | None


def differences(root: Path, folder: str, wanted: Mapping[str, bytes]) -> tuple[Difference, ...]:
    """Return the files of a folder that are to be written or removed, sorted.

    Args:
        root: the project's folder.
        folder: the rendered one, as seen from it.
        wanted: what its files should say, by their paths.

    Raises:
        Problems: files in the way that are not ours, each of them; a folder that lies outside the project.
    """
    if not (root / folder).resolve().is_relative_to(root.resolve()):
        raise ManifestError("a symbolic link out of the project's folder", folder, remedy="write into the project")
    ours = _listed(root, folder)
    found: list[Difference] = []
    problems: list[Hub2GhcrError] = []
    for path in sorted({*wanted, *ours}):
        before, after, place = _bytes(root / folder / path), wanted.get(path), f"{folder}/{path}"
        if before == after:
            continue
        if before is not None and _digest(before) not in ours.get(path, ()):
            known = path in ours
            what = "was changed since it was written" if known else "was not written by hub2ghcr"
            remedy = (
                "make the change in what it is rendered from, and delete it" if known else "write to another folder"
            )
            problems.append(ManifestError(what, place, remedy=f"{remedy}; left as it is"))
        else:
            found.append(Difference(path, before, after))
    raise_all(problems)
    return tuple(found)


def write(root: Path, folder: str, wanted: Mapping[str, bytes], changes: Iterable[Difference]) -> None:
    """Make the changes that `differences` found; cut off anywhere, the next run goes on.

    Raises:
        ManifestError: a file cannot be written.
    """
    target = root / folder
    digests = {path: (_digest(data),) for path, data in wanted.items()}
    ours = _listed(root, folder)
    both = {path: tuple({*digests.get(path, ()), *ours.get(path, ())}) for path in {*digests, *ours}}
    _write(target / LIST, _list(both), f"{folder}/{LIST}")
    for each in changes:
        if each.after is not None:
            _write(target / each.path, each.after, f"{folder}/{each.path}")
            continue
        (target / each.path).unlink(missing_ok=True)
        for above in (target / each.path).relative_to(target).parents[:-1]:
            try:
                (target / above).rmdir()
            except OSError:
                break  # something else is in it
    _write(target / LIST, _list(digests), f"{folder}/{LIST}")


def _write(file: Path, data: bytes, place: str) -> None:
    if _bytes(file) == data:
        return
    try:
        os.makedirs(file.parent, exist_ok=True)
    except OSError as error:
        raise ManifestError(f"cannot be written: {error.strerror}", place) from None
    files.replace(str(file), data, place)


def _list(digests: Mapping[str, Iterable[str]]) -> bytes:
    lines = [f"{digest}  {path}\n" for path in sorted(digests) for digest in sorted(digests[path])]
    return "".join(lines).encode()


def _listed(root: Path, folder: str) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for line in (_bytes(root / folder / LIST) or b"").decode(errors="replace").splitlines():
        digest, _, path = line.partition("  ")
        found[path] = (*found.get(path, ()), digest)
    return {path: each for path, each in found.items() if path and ".." not in path.split("/") and path[0] != "/"}


def _bytes(file: Path) -> bytes | None:
    try:
        return file.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise ManifestError(f"cannot be read: {error.strerror}", str(file)) from None


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
