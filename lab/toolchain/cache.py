"""Where built and downloaded programs are kept: outside the checkout, named by what they are made of."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lab.errors import LabError


def root() -> Path:
    """``$XDG_CACHE_HOME/hub2ghcr/toolchain``; ``~/.cache`` when unset or not absolute (XDG base directories)."""
    named = Path(os.environ.get("XDG_CACHE_HOME", ""))
    base = named if named.is_absolute() else Path.home() / ".cache"
    return base / "hub2ghcr" / "toolchain"


@contextmanager
def locked(name: str) -> Iterator[None]:
    """Hold the cache's lock of this name: of two runs that need one program, the second waits and finds it."""
    try:
        root().mkdir(parents=True, exist_ok=True)
        with (root() / f"{name}.lock").open("w") as handle:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
    except PermissionError as error:
        raise LabError(
            f"toolchain: the cache {root()} cannot be written: {error.strerror}",
            remedy="set XDG_CACHE_HOME to a folder that is yours",
        ) from error


@contextmanager
def draft(target: Path) -> Iterator[Path]:
    """A folder to fill, which becomes ``target`` at once when the block ends well, and is gone when it does not.

    Only for one who holds the lock of ``target``: what a killed run left of it is removed first.
    """
    for left in target.parent.glob(f".{target.name}-*"):
        shutil.rmtree(left, ignore_errors=True)
    folder = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
    try:
        yield folder
        folder.chmod(0o755)
        folder.rename(target)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
