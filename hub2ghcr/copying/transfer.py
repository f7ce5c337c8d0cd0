"""One image on its way: its manifests, their blobs, its tag, and what is attached to it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from ..attached import Attached
from ..registry import Manifest
from . import attaching
from .blobs import Blobs, Way
from .job import Copied
from .seen import Seen
from .source import Source

CHECKS: Final = 3
"""How often what is attached is looked at again, after others may have written the same index."""


@dataclass
class Transfer:
    """Brings to the target what it lacks of one image; ``expect`` and ``advance`` are told of bytes."""

    seen: Seen
    source: Source
    blobs: Blobs
    expect: Callable[[int], None]
    advance: Callable[[int], None]
    _ways: Counter[Way] = field(default_factory=Counter)
    _sizes: Counter[Way] = field(default_factory=Counter)
    _manifests: int = 0
    _attached: int = 0

    def make(self) -> Copied:
        """Do what there is to do.

        Raises:
            Hub2GhcrError: one line with the place and the remedy; what was placed stays and is not placed again.
        """
        seen, digest = self.seen, self.seen.job.target_digest
        missing, dropped = seen.missing, seen.dropped
        if seen.outcome == "copied":
            image = self.source.image()
            self._bring(image, seen.tag or digest)
            if seen.job.narrowed and missing:
                carried, rest = attaching.carried(missing, {each.digest for each in image})
                missing, dropped = tuple(carried), (*dropped, *rest)
        elif seen.outcome == "tagged" and seen.tag:
            target = seen.target
            whole = self.source.kept(digest) or target.registry.get_manifest(target.repository, digest, push=True)
            self._put(seen.tag, whole)
        if missing:
            self._attach(missing)
        return Copied(
            seen.job,
            seen.outcome,
            self._manifests,
            self._ways["uploaded"] + self._ways["repeated"],
            self._ways["mounted"],
            self._ways["found"],
            self._sizes["uploaded"] + self._sizes["repeated"],
            self._sizes["repeated"],
            seen.replaced,
            self._attached,
            seen.kept,
            dropped,
        )

    def _attach(self, missing: Iterable[Attached]) -> None:
        todo = tuple(missing)
        for _ in range(CHECKS):
            for each in todo:
                self._bring(self.source.tree(each.digest), each.tag or each.digest)
                self._attached += 1
            # Another process may have written the same index of referrers without ours in it.
            todo = attaching.look(self.seen.target, (each for each in todo if not each.tag)).missing
            if not todo:
                return

    def _bring(self, manifests: list[Manifest], reference: str) -> None:
        """Place manifests, children first, the last one under ``reference``, each after its blobs."""
        blobs = {blob.digest: blob for each in manifests for blob in each.blobs if not blob.foreign}
        self.expect(sum(blob.size for blob in blobs.values()))
        ways = self.blobs.place(self.source, self.seen.target, blobs.values(), self.advance)
        for digest, way in ways.items():
            self._ways[way] += 1
            self._sizes[way] += blobs[digest].size
        *below, top = manifests
        for each in below:
            if not self._there(each, ways):
                self._put(each.digest, each)
        if reference == top.digest and self._there(top, ways):
            attaching.list_(self.seen.target, top)
        else:
            self._put(reference, top)

    def _there(self, wanted: Manifest, ways: Mapping[str, Way]) -> bool:
        """Tell whether the target has a manifest, without a question where it cannot: a blob of it was not there.

        One that was mounted may have been there before.
        """
        if any(ways.get(blob.digest) in ("uploaded", "repeated") for blob in wanted.blobs):
            return False
        target = self.seen.target
        return target.registry.head_manifest(target.repository, wanted.digest, push=True) is not None

    def _put(self, reference: str, wanted: Manifest) -> None:
        attaching.put(self.seen.target, reference, wanted)
        self._manifests += 1
