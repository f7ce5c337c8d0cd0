"""Files in which nothing is left to move, as earlier looks have found: each content is read from GitHub once.

What is kept is a digest of the question (mapping, image, path, git's name of the bytes, and this program's own code):
neither a name nor a byte of the file, and it is true for ever. A folder that cannot be written keeps nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Set
from dataclasses import fields
from functools import cache
from pathlib import Path

from .delivery import Delivery


def default_folder(environ: Mapping[str, str]) -> Path:
    """Return where answers are kept: ``$XDG_CACHE_HOME``, else ``~/.cache``, and there ``hub2ghcr/settled``."""
    cache_ = environ.get("XDG_CACHE_HOME") or Path(environ.get("HOME") or "~").expanduser() / ".cache"
    return Path(cache_) / "hub2ghcr" / "settled"


class Settled:
    """Remembers in a folder (None: nothing); safe for many threads and processes."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder

    def knows(self, delivery: Delivery, path: str, name: str) -> bool:
        """Whether a file of these bytes, by git's name of them, had nothing to be moved."""
        return self._folder is not None and self._at(self._folder, delivery, path, name).exists()

    def keep(self, delivery: Delivery, path: str, name: str) -> None:
        """Take note that it has not."""
        if self._folder is None:
            return
        at = self._at(self._folder, delivery, path, name)
        try:
            at.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            at.touch()
        except OSError:
            pass  # the next run reads the file once more

    @staticmethod
    def _at(folder: Path, delivery: Delivery, path: str, name: str) -> Path:
        rules = [_in_order(getattr(delivery.mapping, each.name)) for each in fields(delivery.mapping)]
        asked = hashlib.sha256(repr((_code(), rules, delivery.image, path, name)).encode()).hexdigest()
        return folder / asked[:2] / asked


def _in_order(value: object) -> object:
    """Return a value whose text is the same in each process."""
    if isinstance(value, Mapping):
        return sorted(value.items())
    return sorted(value) if isinstance(value, Set) else value


@cache
def _code() -> str:
    """Return a digest of this package: another version may find more."""
    found = hashlib.sha256()
    for each in sorted(Path(__file__).parents[1].rglob("*.py")):
        found.update(each.read_bytes())
    return found.hexdigest()
