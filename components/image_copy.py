"""The copy of one locked image, as a resource: made once, looked at by a refresh, left where it is when it goes."""

from typing import Any

import pulumi
from pulumi.dynamic import CheckResult, CreateResult, DiffResult, ReadResult, Resource, UpdateResult

from hub2ghcr.copying import Job

from . import image_job
from .provider_process import ReferencedProvider, failures, reference_moved

REMEDY = "run `hub2ghcr copy -s STACK` first, or set `images.mirror: copy`"
PUBLISHED = "publish it, or take what is there with `hub2ghcr lock -s STACK --update`"
SPENT = "`hub2ghcr copy -s STACK --wait` waits for pulls and copies the rest; then run this again"


class ImageCopyProvider(ReferencedProvider):
    """Copies by digest; all copies of a run share connections, the budget of pulls and what is known of the target."""

    def check(self, _olds: dict[str, Any], news: dict[str, Any]) -> CheckResult:
        """Of an image that is only required, report in previews already that it is not there."""
        if news["mode"] != "require":
            return CheckResult(news, [])
        from hub2ghcr.errors import Hub2GhcrError, NotFound

        from .registry_access import copier

        job = image_job.job(news)
        remedy = REMEDY if job.source else PUBLISHED
        try:
            found = copier().look(job).outcome
            if found == "attached":
                raise NotFound("the registry has not all that is attached to it", job.target, remedy=remedy)
            if found != "present":
                raise NotFound(f"the registry has not {job.target_digest}", job.target, remedy=remedy)
        except Hub2GhcrError as error:
            return CheckResult(news, failures(error))
        return CheckResult(news, [])

    def diff(self, _id: str, olds: dict[str, Any], news: dict[str, Any]) -> DiffResult:
        """A new digest is copied in place; another target is another image."""
        old, new = image_job.job(olds), image_job.job(news)
        replaces = ["target"] if old.target != new.target else []
        return DiffResult(changes=old != new or reference_moved(olds, news), replaces=replaces)

    def create(self, props: dict[str, Any]) -> CreateResult:
        """Copy the image unless the target has it."""
        return CreateResult(props["target"], self._copied(props))

    def update(self, _id: str, _olds: dict[str, Any], news: dict[str, Any]) -> UpdateResult:
        """Copy what is locked now."""
        return UpdateResult(self._copied(news))

    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        """Ask the target; an image that is gone, has moved or lacks something is none, so that the next run mends it.

        It is asked by HEAD for the tag, every manifest below it and what is attached, and has to send one index.
        """
        from .registry_access import copier

        there = copier().look(image_job.job(props), whole=True).outcome == "present"
        return ReadResult(id_ if there else "", dict(props) if there else {})

    def _copied(self, props: dict[str, Any]) -> dict[str, Any]:
        from hub2ghcr.errors import BudgetSpent

        from .registry_access import copier

        if props["mode"] != "require":
            try:
                copier().copy(image_job.job(props), whole=True)
            except BudgetSpent as error:
                # a run of the engine holds the stack's lock: it never waits for pulls
                raise BudgetSpent(error.what, f"{props['target']}: {error.path}", remedy=SPENT) from None
        return dict(props)


class ImageCopy(Resource, module="hub2ghcr", name="ImageCopy"):
    """One image at its target. Deleting the resource leaves the image: workloads may run on it."""

    target: pulumi.Output[str]
    digest: pulumi.Output[str]

    def __init__(self, name: str, *, job: Job, mode: str, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(ImageCopyProvider(), name, {**image_job.properties(job), "mode": mode}, opts)
