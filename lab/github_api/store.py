"""The stand-in's memory: JSON documents in a folder, each replaced atomically, kept in memory by their one owner."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

Key = tuple[str, ...]


class Store:
    """Documents by key, such as ``("repositories", "acme", "shop")``. Keys are case-insensitive, as on GitHub.

    One process owns a folder: what it has read is kept. A document that was changed must be written.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)  # it holds the keys of sealed secrets
        self._kept: dict[Key, dict[str, Any]] = {}

    def read(self, *key: str) -> dict[str, Any] | None:
        """The document, None if there is none."""
        low = _low(key)
        if low not in self._kept:
            try:
                self._kept[low] = json.loads(self._file(low).read_text())
            except FileNotFoundError:
                return None
        return self._kept[low]

    def write(self, document: dict[str, Any], *key: str) -> None:
        """Keep a document, in place of any other under the same key."""
        low = _low(key)
        file = self._file(low)
        file.parent.mkdir(parents=True, exist_ok=True)
        draft = file.with_suffix(".tmp")
        draft.write_text(json.dumps(document, indent=1, sort_keys=True))
        draft.replace(file)
        self._kept[low] = document

    def remove(self, *key: str) -> None:
        """Forget a document; one that is not there is fine."""
        low = _low(key)
        self._kept.pop(low, None)
        self._file(low).unlink(missing_ok=True)

    def clear(self) -> None:
        """Forget everything."""
        self._kept.clear()
        shutil.rmtree(self.folder, ignore_errors=True)

    def documents(self, *key: str) -> list[dict[str, Any]]:
        """All documents directly below a key, sorted by theirs."""
        folder = self.folder.joinpath(*(quote(part, safe="") for part in _low(key)))
        found = []
        for file in sorted(folder.glob("*.json")):
            document = self.read(*key, unquote(file.stem))
            if document is not None:
                found.append(document)
        return found

    def folders(self, *key: str) -> list[str]:
        """The names directly below a key that have documents of their own, in lower case, sorted."""
        folder = self.folder.joinpath(*(quote(part, safe="") for part in _low(key)))
        return sorted(unquote(one.name) for one in folder.glob("*") if one.is_dir())

    def _file(self, low: Key) -> Path:
        *folders, name = (quote(part, safe="") for part in low)
        return self.folder.joinpath(*folders) / f"{name}.json"


def identity(*parts: object) -> int:
    """A number that stands for these parts in every lab alike, as GitHub's ids do for good."""
    return int(sha256("\0".join(str(part).lower() for part in parts).encode()).hexdigest()[:8], 16) + 1


def node(*parts: object) -> str:
    """The GraphQL id of the same."""
    return f"LAB_{identity(*parts):010d}"


def now() -> str:
    """This second, in the form of all of GitHub's times."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _low(key: tuple[str, ...]) -> Key:
    return tuple(part.lower() for part in key)
