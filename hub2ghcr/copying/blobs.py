"""Blobs on their way into target repositories: each one once over the wire, however many images share it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from functools import partial
from typing import Final, Literal

from ..registry import Descriptor, Registry
from .source import Source

HOMES: Final = 16
"""Repositories remembered for a blob that is shared."""

Way = Literal["uploaded", "repeated", "mounted", "found"]
"""How a blob came: ``repeated`` was at the registry, which would not mount it, and was uploaded again."""


@dataclass(frozen=True, slots=True)
class Target:
    """A repository to be written."""

    registry: Registry
    repository: str


class Blobs:
    """Places blobs, several at a time, and remembers for all images where they are. Safe for many threads."""

    def __init__(self, jobs: int) -> None:
        self._pool = ThreadPoolExecutor(jobs, "blob")
        self._homes: dict[tuple[str, str], list[str]] = {}
        self._mounts: dict[Target, str] = {}
        self._placed: set[tuple[str, str, str]] = set()
        self._moving: dict[tuple[str, str], Future[Way]] = {}
        self._lock = threading.Lock()

    def close(self, *, wait: bool) -> None:
        """Drop what has not begun, and ``wait`` for what runs."""
        self._pool.shutdown(wait=wait, cancel_futures=True)

    def known(self, target: Target, digests: Iterable[str]) -> None:
        """Take note that a repository should hold these blobs: they can be mounted from there."""
        with self._lock:
            for digest in digests:
                self._settle(target, digest)

    def place(
        self, source: Source, target: Target, blobs: Iterable[Descriptor], advance: Callable[[int], None]
    ) -> dict[str, Way]:
        """Bring blobs into a repository; returns the way each one came.

        A blob that another image is just bringing to this registry is waited for, since it can be mounted then.
        ``advance`` is told of the bytes placed.

        Raises:
            RegistryError, ArchiveError: one of them cannot be read or written.
        """
        ways: dict[str, Way] = {}
        todo = list(blobs)
        while todo:
            own: dict[str, Future[Way]] = {}
            others: dict[str, tuple[Descriptor, Future[Way]]] = {}
            for blob in todo:
                key = (target.registry.host, blob.digest)
                with self._lock:
                    if (moving := self._moving.get(key)) is not None:
                        others[blob.digest] = (blob, moving)
                    else:
                        own[blob.digest] = self._moving[key] = self._pool.submit(
                            self._place_one, source, target, blob, advance
                        )
            wait([*own.values(), *(moving for _, moving in others.values())])
            for digest, future in own.items():
                ways[digest] = future.result()
            todo = [blob for blob, _ in others.values()]
        return ways

    def _place_one(self, source: Source, target: Target, blob: Descriptor, advance: Callable[[int], None]) -> Way:
        there, repository = target.registry, target.repository
        key, place = (there.host, blob.digest), (there.host, repository, blob.digest)
        try:
            with self._lock:
                placed, mount = place in self._placed, self._mount(target, blob.digest)
            way: Way = "found"
            if not placed:
                opener = partial(source.open_blob, blob.digest)
                done = there.place_blob(repository, blob, opener, mount=mount, progress=advance)
                way = "repeated" if done == "uploaded" and mount else done
            if way in ("found", "mounted"):
                advance(blob.size)
            with self._lock:
                self._placed.add(place)
                self._settle(target, blob.digest)
            return way
        finally:
            with self._lock:
                self._moving.pop(key, None)

    def _settle(self, target: Target, digest: str) -> None:
        homes = self._homes.setdefault((target.registry.host, digest), [])
        if len(homes) < HOMES and target.repository not in homes:
            homes.append(target.repository)

    def _mount(self, target: Target, digest: str) -> str | None:
        """Choose where a blob is mounted from: as few repositories for a target as can be, since each takes a token."""
        homes = [each for each in self._homes.get((target.registry.host, digest), ()) if each != target.repository]
        if not homes:
            return None
        last = self._mounts.get(target)
        chosen = last if last in homes else homes[0]
        self._mounts[target] = chosen
        return chosen
