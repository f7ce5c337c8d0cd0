"""What is to be copied, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from ..errors import Hub2GhcrError

if TYPE_CHECKING:
    from ..attached import Attached

Outcome = Literal["copied", "tagged", "attached", "present"]


@dataclass(frozen=True, slots=True)
class Job:
    """One image to copy: references with their tag if they have one, and the digest that counts, the source's.

    ``attached`` is what goes with it. ``manifests`` is how many manifests, and ``size`` how many bytes, a copy of all
    of it reads from the source, 0 where that is not known. Where ``platforms`` are given only these are copied, as a
    new index with the digest ``narrowed``. ``archive`` is the name of the file that it was locked from, if from one.
    """

    source: str
    target: str
    digest: str
    attached: tuple[Attached, ...] = ()
    manifests: int = 0
    size: int = 0
    platforms: tuple[str, ...] = ()
    narrowed: str = ""
    archive: str = ""

    @property
    def target_digest(self) -> str:
        """The digest that the target holds."""
        return self.narrowed or self.digest


@dataclass(frozen=True, slots=True)
class Copied:
    """What was done for one image.

    ``outcome``: ``present`` (nothing to do), ``attached`` (the image was there, and not all that belongs to it),
    ``tagged`` (only the tag was put) or ``copied``. ``size`` is in bytes uploaded, manifests not counted; of them
    ``repeated`` bytes were at the target already, which would not mount them. ``replaced`` is the digest that the
    target's tag had before, if another. ``attached`` counts the attached manifests that were put; ``kept`` are tags of
    attached ones that stand for something else at the target and were left alone; ``dropped`` are attached ones that
    belong to no manifest of a narrowed image.
    """

    job: Job
    outcome: Outcome
    manifests: int = 0
    uploaded: int = 0
    mounted: int = 0
    found: int = 0
    size: int = 0
    repeated: int = 0
    replaced: str | None = None
    attached: int = 0
    kept: tuple[str, ...] = ()
    dropped: tuple[Attached, ...] = ()


@dataclass(frozen=True, slots=True)
class Failed:
    """An image that was not copied, and why."""

    job: Job
    error: Hub2GhcrError


@dataclass(frozen=True, slots=True)
class Left:
    """An image that was left for a later run, since the pulls of this one are spent; ``pulls`` it needs at most."""

    job: Job
    pulls: int


Result = Copied | Failed | Left
"""What became of one image of many."""
