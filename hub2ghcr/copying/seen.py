"""What the target has of an image, and so what there is to do. The source is not asked."""

from __future__ import annotations

from dataclasses import dataclass

from ..attached import Attached
from ..errors import NotFound
from ..reference import Reference
from ..registry import Registries
from ..registry.content import INDEXES
from . import attaching
from .job import Copied, Job, Outcome
from .target import Target


@dataclass(frozen=True, slots=True)
class Seen:
    """``outcome`` is what a copy will come to; ``missing`` what is attached to the image and not at the target.

    ``replaced``, ``kept`` and ``dropped`` as in `Copied`.
    """

    job: Job
    target: Target
    tag: str | None
    outcome: Outcome
    replaced: str | None = None
    missing: tuple[Attached, ...] = ()
    kept: tuple[str, ...] = ()
    dropped: tuple[Attached, ...] = ()

    @property
    def result(self) -> Copied:
        """What a copy would do, as far as the target tells."""
        return Copied(
            self.job,
            self.outcome,
            replaced=self.replaced,
            attached=len(self.missing),
            kept=self.kept,
            dropped=self.dropped,
        )


def see(job: Job, registries: Registries, *, whole: bool = False) -> Seen:
    """Look at the target of a job: whether the image is there, or with ``whole`` every manifest below it as well.

    A copy puts an image last, so below one that is there nothing is missing, unless it was deleted since: clean-ups of
    packages by their tags take the platforms of an image for leftovers.

    Raises:
        RegistryError: the registry cannot say.
    """
    reference = Reference.parse(job.target)
    target = Target(registries.at(reference.registry), reference.repository)
    outcome, replaced = _image(job, target, reference.tag)
    if whole and outcome != "copied" and not _is_whole(target, job.target_digest):
        outcome = "copied"
    if not job.attached:
        return Seen(job, target, reference.tag, outcome, replaced)
    attached, dropped = attaching.carried(job.attached, _about(job, target, outcome))
    there = attaching.look(target, attached)
    if outcome == "present" and there.missing:
        outcome = "attached"
    return Seen(job, target, reference.tag, outcome, replaced, there.missing, there.kept, tuple(dropped))


def _image(job: Job, target: Target, tag: str | None) -> tuple[Outcome, str | None]:
    there, digest = target.registry, job.target_digest
    at_tag = there.head_manifest(target.repository, tag, push=True) if tag else None
    if at_tag and at_tag.digest == digest:
        return "present", None
    replaced = at_tag.digest if at_tag else None
    if not there.head_manifest(target.repository, digest, push=True):
        return "copied", replaced
    return ("tagged" if tag else "present"), replaced


def _is_whole(target: Target, digest: str) -> bool:
    there, repository = target.registry, target.repository
    try:
        found = there.get_manifest(repository, digest, push=True)
    except NotFound:
        return False
    return all(
        _is_whole(target, child.digest)
        if child.media_type in INDEXES
        else there.head_manifest(repository, child.digest, push=True) is not None
        for child in found.children
    )


def _about(job: Job, target: Target, outcome: Outcome) -> set[str] | None:
    """Return the manifests that something at the target can be attached to, None where that is all of the source."""
    if not job.narrowed:
        return None
    if outcome == "copied":
        # Which manifests stay is known when they are read; of the source's index nothing does.
        return {each.subject for each in job.attached} - {each.digest for each in job.attached} - {job.digest}
    index = target.registry.get_manifest(target.repository, job.narrowed, push=True)
    return {index.digest, *(each.digest for each in index.children)}
