"""What becomes of every image of a repository's workflows, before it is known whether it can be written so."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import Final

from ..mapping import Mapped, Mapping, collisions
from ..reference import HUB
from .draft import Draft
from .moving import STAND_IN, Fate, fate, options
from .settling import Want
from .uses import Image, Job

_RUNS: Final = frozenset({"docker run", "docker create", "podman run", "podman create", "nerdctl run"})


@dataclass(slots=True)
class Known:
    """An image of a job, with its fate.

    ``kept``: it is pushed to GHCR already, and so is left alone where it stands.
    """

    image: Image
    fate: Fate
    want: Want
    kept: bool
    pushed: bool

    @property
    def moved(self) -> bool:
        """Whether it is written anew."""
        return self.want.moves and bool(self.want.taken)


def fates(jobs: list[Job], mapping: Mapping, draft: Draft) -> dict[str, list[Known]]:
    """Return the images of each job by `key`; what cannot be decided is a problem of the draft."""
    both = _both(jobs, mapping, draft)
    decided: dict[str, dict[Image, Fate]] = {}
    for job in jobs:
        local, pulled = _local(job, mapping), _pulled(job, mapping)
        decided[key(job)] = {image: _fate(image, job, mapping, local, pulled) for image in job.images}
    mapped = {each.mapped for held in decided.values() for each in held.values() if each.mapped is not None}
    draft.problems += collisions(mapped)
    shared = _shared(mapped)
    found: dict[str, list[Known]] = {}
    for job in jobs:
        found[key(job)] = []
        for image, each in decided[key(job)].items():
            kept = bool({each.target, each.source} & both.get(job.file, set()))
            moves = each.state == "move" and not kept and each.target not in shared
            ways = draft.possible(options(image.text, each.schemes, draft.compared)) if moves else []
            pushed = image.role == "push" or (image.role == "build" and job.pushes)
            found[key(job)].append(Known(image, each, Want(image.text, ways), kept, pushed))
            if moves and not ways:
                what = "its name is put together in several places"
                draft.problem(image.text.origin, what, image.text, "change it by hand")
    return found


def key(job: Job) -> str:
    """Return what a job is known by."""
    return f"{job.file}\n{job.name}"


def _both(jobs: list[Job], mapping: Mapping, draft: Draft) -> dict[str, set[str]]:
    """Return by file the targets that are pushed to GHCR already beside their sources, and those sources."""
    found: dict[str, set[str]] = {}
    for path in {job.file for job in jobs}:
        pushed = [
            fate(image.text, image.role, mapping)
            for job in jobs
            if job.file == path
            for image in job.images
            if image.role == "push" or (image.role == "build" and job.pushes)
        ]
        there = [_pattern(each.source) for each in pushed if each.state == "stay"]
        twice = [each for each in pushed if each.state == "move" and any(one.fullmatch(each.target) for one in there)]
        if twice:
            found[path] = {name for each in twice for name in (each.source, each.target)}
            names = ", ".join(sorted({each.source for each in twice}))
            draft.notes.add(f"{path}: pushes to Docker Hub and GHCR already, and is left alone with {names}")
    return found


def _pattern(name: str) -> re.Pattern[str]:
    """Return what a name may be: a variable in it may hold anything."""
    return re.compile(re.escape(name).replace(STAND_IN, r"[\w./-]+"))


def _local(job: Job, mapping: Mapping) -> set[str]:
    """Return the images that a job builds for itself."""
    built = (fate(image.text, image.role, mapping) for image in job.images if image.role in ("push", "build"))
    return {each.source for each in built if each.state == "local"}


def _pulled(job: Job, mapping: Mapping) -> set[str]:
    return {fate(image.text, "pull", mapping).source for image in job.images if image.role == "pull"}


def _fate(image: Image, job: Job, mapping: Mapping, local: set[str], pulled: set[str]) -> Fate:
    found = fate(image.text, image.role, mapping)
    if found.source in local:
        return Fate("local", found.source)
    if found.state == "move" and found.source.startswith(f"{HUB}/library/"):
        if image.role == "held" and found.source not in pulled:
            return Fate("local", found.source)
        if job.builders and image.what in _RUNS and not {":", "@"} & set(image.text.plain):
            remedy = "change it by hand if it is pulled; give it a tag then"
            return Fate("unknown", reason=f"may be built by its job: {image.text.shown}", remedy=remedy)
    return found


def _shared(mapped: set[Mapped]) -> set[str]:
    """Return the targets that several sources would share."""
    names = {(each.source.name, each.target.name) for each in mapped}
    return {target for target, count in Counter(target for _, target in names).items() if count > 1}
