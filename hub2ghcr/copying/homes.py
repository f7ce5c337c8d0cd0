"""In which repositories of a registry a blob is, or should be: where it can be mounted from instead of sent again.

What is written down before an upload outlives the process, so that a run that was killed does not make the next one
send a shared layer a second time, to another repository. It is a hint, to be looked at before it is believed.
"""

from __future__ import annotations

import os
import tempfile
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from ..reference import is_digest
from .target import Target

EACH: Final = 16
"""Repositories remembered for a blob."""
HINTS: Final = 4
"""Repositories that are looked at for a blob because an earlier run named them."""
LARGEST: Final = 4 * 1024 * 1024
"""Bytes of the file from which on its older half is dropped."""


def default_path(environ: Mapping[str, str]) -> Path:
    """Return the file that is kept: in ``$XDG_CACHE_HOME``, else ``~/.cache``, and there ``hub2ghcr/homes``."""
    cache = environ.get("XDG_CACHE_HOME") or Path(environ.get("HOME") or "~").expanduser() / ".cache"
    return Path(cache) / "hub2ghcr" / "homes"


class Homes:
    """Remembers; safe for many threads, and its file for many processes.

    Args:
        path: the file; None, or one that cannot be written, is memory alone.
    """

    def __init__(self, path: Path | None = None) -> None:
        self._known: dict[tuple[str, str], list[str]] = {}
        self._hints: dict[tuple[str, str], list[str]] = {}
        self._last: dict[Target, str] = {}
        self._lock = threading.Lock()
        self._file = -1
        if path is not None:
            try:
                self._load(path)
                path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
            except OSError:
                pass

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            if self._file >= 0:
                os.close(self._file)
            self._file = -1

    def intend(self, target: Target, digest: str) -> None:
        """Write down that a blob is about to be sent to a repository."""
        line = f"{target.registry.host} {target.repository} {digest}\n".encode()
        with self._lock:
            if self._file >= 0:
                try:
                    os.write(self._file, line)
                except OSError:
                    pass  # a full disk costs at most a layer sent twice

    def settle(self, target: Target, digest: str) -> None:
        """Take note that a repository holds a blob."""
        with self._lock:
            homes = self._known.setdefault((target.registry.host, digest), [])
            if len(homes) < EACH and target.repository not in homes:
                homes.append(target.repository)

    def forget(self, target: Target, digest: str, home: str) -> None:
        """Take note that a blob could not be mounted from a repository."""
        with self._lock:
            homes = self._known.get((target.registry.host, digest), [])
            if home in homes:
                homes.remove(home)

    def hints(self, target: Target, digest: str) -> list[str]:
        """Return the repositories that earlier runs named for a blob, newest first, once: who asks looks at them."""
        with self._lock:
            hints = self._hints.pop((target.registry.host, digest), [])
            known = self._known.get((target.registry.host, digest))
            return [] if known else hints

    def of(self, target: Target, digest: str) -> str | None:
        """Return a repository to mount a blob from, None where none is known.

        For one target they are as few as can be: each takes a token of its own.
        """
        with self._lock:
            known = self._known.get((target.registry.host, digest), ())
            homes = [each for each in known if each != target.repository]
            if not homes:
                return None
            last = self._last.get(target)
            chosen = self._last[target] = last if last in homes else homes[0]
            return chosen

    def _load(self, path: Path) -> None:
        try:
            data = path.read_bytes()
        except FileNotFoundError:
            return
        if len(data) > LARGEST:
            data = data[-LARGEST // 2 :].partition(b"\n")[2]
            handle, temporary = tempfile.mkstemp(dir=path.parent)
            with open(handle, "wb") as file:
                file.write(data)
            os.replace(temporary, path)
        for line in reversed(data.decode(errors="replace").splitlines()):
            host, _, rest = line.partition(" ")
            repository, _, digest = rest.partition(" ")
            hints = self._hints.setdefault((host, digest), []) if repository and is_digest(digest) else []
            if len(hints) < HINTS and repository not in hints:
                hints.append(repository)
