"""Blobs on their way into target repositories: each one once over the wire, however many images share it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import AbstractContextManager
from typing import Literal

from ..registry import Descriptor
from .homes import Homes
from .source import Source
from .target import Target

Way = Literal["uploaded", "repeated", "mounted", "found"]
"""How a blob came: ``repeated`` was at the registry, which would not mount it, and was uploaded again."""


class Blobs:
    """Places blobs, several at a time, and remembers for all images where they are. Safe for many threads."""

    def __init__(self, jobs: int, homes: Homes) -> None:
        self._pool = ThreadPoolExecutor(jobs, "blob")
        self._homes = homes
        self._placed: set[tuple[str, str, str]] = set()
        self._moving: dict[tuple[str, str], Future[Way]] = {}
        self._lock = threading.Lock()

    def close(self, *, wait: bool) -> None:
        """Drop what has not begun, and ``wait`` for what runs."""
        self._pool.shutdown(wait=wait, cancel_futures=True)

    def known(self, target: Target, digests: Iterable[str]) -> None:
        """Take note that a repository should hold these blobs: they can be mounted from there."""
        for digest in digests:
            self._homes.settle(target, digest)

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
        host = target.registry.host
        key, place = (host, blob.digest), (host, target.repository, blob.digest)
        try:
            with self._lock:
                placed = place in self._placed
            way: Way = "found" if placed else self._bring(source, target, blob, advance)
            if way in ("found", "mounted"):
                advance(blob.size)
            with self._lock:
                self._placed.add(place)
            self._homes.settle(target, blob.digest)
            return way
        finally:
            with self._lock:
                self._moving.pop(key, None)

    def _bring(self, source: Source, target: Target, blob: Descriptor, advance: Callable[[int], None]) -> Way:
        for hint in self._homes.hints(target, blob.digest):
            if target.registry.has_blob(hint, blob.digest, push=True):
                self._homes.settle(Target(target.registry, hint), blob.digest)
                break
        mount = self._homes.of(target, blob.digest)

        def opener() -> AbstractContextManager[Iterator[bytes]]:
            self._homes.intend(target, blob.digest)
            return source.open_blob(blob.digest)

        done = target.registry.place_blob(target.repository, blob, opener, mount=mount, progress=advance)
        if done != "uploaded" or mount is None:
            return done
        self._homes.forget(target, blob.digest, mount)
        return "repeated"
