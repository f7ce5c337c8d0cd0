"""Workflows that push to and pull from Docker Hub, made to do so at GHCR; nothing else in them changes."""

from __future__ import annotations

from collections.abc import Mapping as Files
from dataclasses import dataclass

from ..errors import ManifestError
from ..mapping import Mapping
from ..reference import HUB, HUB_HOSTS
from . import dependabot, fates, secrets, signing
from .draft import Draft
from .fates import Known, key
from .leftovers import leftovers
from .migration import Flavour, Migration
from .passing import Passing
from .permissions import Granting
from .project import project
from .reading import jobs
from .settling import edits, settle
from .signing import Moving, host
from .uses import Image, Job


def migrate(
    files: Files[str, bytes], mapping: Mapping, flavour: Flavour = "token", told: Files[str, str] | None = None
) -> Migration:
    """Return a repository's workflows and actions with what they do at Docker Hub done at GHCR.

    Args:
        files: bytes by path, of one repository: what calls each other is followed.
        mapping: which image moves where.
        flavour: what signs in to GHCR.
        told: values of expressions by name (``github.repository``, ``vars.OWNER``).
    """
    found = project(files)
    run = _Run(jobs(found, told or {}), mapping, flavour, Draft(found))
    run.migrate()
    return run.draft.migration()


@dataclass(slots=True)
class _Run:
    jobs: list[Job]
    mapping: Mapping
    flavour: Flavour
    draft: Draft

    def migrate(self) -> None:
        known = fates.fates(self.jobs, self.mapping, self.draft)
        wants = [each.want for held in known.values() for each in held]
        settle(wants)
        moving = signing.moving(self.jobs, known, self.flavour, self.draft, wants)
        settle(wants)
        for edit in edits(wants):
            self.draft.edit(edit)
        signing.sign_in(moving, self.flavour, self.draft)
        signing.open_containers(self.jobs, known, self.flavour, self.draft)
        if self.flavour == "token":
            self._permissions(known)
        else:
            Passing(self.jobs, self.draft).pass_on()
        self._tell(known, moving)
        self._secrets(moving)
        for file in self.draft.project.files.values():
            dependabot.add_registry(file, self.draft)
            self.draft.problems += leftovers(file, self._seen().get(file.path, ()), self.mapping)

    def _permissions(self, known: dict[str, list[Known]]) -> None:
        granting = Granting({path: file.data for path, file in self.draft.project.files.items()})
        for job in self.jobs:
            moved = [each for each in known[key(job)] if each.moved]
            if any(each.pushed for each in moved):
                granting.grant(job, "write")
            elif any(each.image.role != "build" for each in moved) and (job.signs_in or job.containers):
                granting.grant(job, "read")
        for path, held in granting.splices.items():
            for splice, said in held.items():
                self.draft.put(path, splice, said)
        for path, line, what, remedy in granting.refused:
            self.draft.problems.append(ManifestError(what, f"{path}:{line}", remedy=remedy))
        self.draft.notes |= set(granting.notes)

    def _tell(self, known: dict[str, list[Known]], moving: list[Moving]) -> None:
        """Tell what is left for people, and what they should know."""
        draft = self.draft
        for job in self.jobs:
            hosts = {host(sign) for sign in job.signs_in}
            elsewhere = bool(hosts) and not hosts & {None, *HUB_HOSTS}
            for each in known[key(job)]:
                self._tell_image(each, elsewhere)
            for place, what, remedy in job.unseen:
                draft.problem(place, what, None, remedy)
            for place, what in job.delegates if HUB in hosts else ():
                draft.problem(place, what, None, "name ghcr.io there, and sign in to it here")
            opened = hosts | {each.registry for each in moving if each.sign in job.signs_in}
            for each in known[key(job)]:
                built = {other.fate.target for other in known[key(job)] if other.image.role in ("push", "build")}
                if each.fate.target not in built and _anonymous(each, job, opened):
                    why = "its package must be public, or let in the repository by credentials"
                    where = draft.where(each.image.text.origin)
                    draft.notes.add(f"{where}: {each.fate.target} is pulled without signing in: {why}")
            pushed = next((each for each in known[key(job)] if each.moved and each.pushed), None)
            if pushed is not None and hosts <= {None}:
                how = "signs in to what a variable says" if hosts else "signs in nowhere"
                text = pushed.image.text
                draft.problem(
                    text.origin, f"is pushed to GHCR now, and its job {how}", text, "sign in to ghcr.io there"
                )

    def _tell_image(self, known: Known, elsewhere: bool) -> None:
        """Tell of an image that does not move; ``elsewhere``: its job signs in to other registries alone."""
        image, found = known.image, known.fate
        origin = image.text.origin
        if found.state == "unknown":
            if not elsewhere and not (image.role in ("held", "name") and _bare(image)):
                self.draft.problem(origin, found.reason, None, found.remedy)
        elif found.state == "problem":
            self.draft.problem(origin, found.reason, image.text, found.remedy)
        elif found.state == "uncovered":
            self.draft.notes.add(f"{self.draft.where(origin)}: {found.reason}: {image.text.shown!r}")
        elif known.want.moves and known.want.taken is None:
            what = "shares a variable with an image that does not move the same way"
            self.draft.problem(origin, what, image.text, "give each image a variable of its own")

    def _secrets(self, moving: list[Moving]) -> None:
        """Tell of secrets that nothing signs in with any more."""
        moved = {each.sign for each in moving}
        gone: set[str] = set()
        kept: set[str] = set()
        for sign in {sign for job in self.jobs for sign in job.signs_in}:
            if host(sign) in HUB_HOSTS:
                (gone if sign in moved else kept).update(secrets.named(sign))
        for path, file in self.draft.project.files.items():
            for name, line, asked in secrets.left(file.data, gone - kept, self.draft.splices(path)):
                if asked:
                    remedy = "ask for something else before it is removed"
                    self.draft.problems.append(ManifestError(f"depends on {name}", f"{path}:{line}", remedy=remedy))
                else:
                    self.draft.notes.add(f"{path}:{line}: names {name}, and nothing signs in with it any more")

    def _seen(self) -> dict[str, set[tuple[int, int]]]:
        """Return by file the bytes that say images and registries."""
        texts = [image.text for job in self.jobs for image in job.images]
        texts += [sign.registry for job in self.jobs for sign in job.signs_in if sign.registry is not None]
        seen: dict[str, set[tuple[int, int]]] = {}
        for chunk in {chunk for text in texts for chunk in text.chunks}:
            if (place := self.draft.located(chunk.origin)) is not None:
                seen.setdefault(chunk.origin.file, set()).add(place)
        return seen


def _anonymous(known: Known, job: Job, opened: set[str | None]) -> bool:
    """Whether a job pulls an image without signing in to where it is now."""
    image = known.image
    if image.role != "pull" or not known.moved:
        return False
    if image.what in ("container", "uses", "runs.image") or image.what.startswith("service "):
        return all(each.image != image for each in job.containers)
    return known.fate.target.partition("/")[0] not in opened


def _bare(image: Image) -> bool:
    return all(chunk.kind == "unknown" for chunk in image.text.chunks)
