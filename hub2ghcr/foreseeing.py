"""What copies would transfer: the sizes of the lock, less what the targets have."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from .copying import Copier, Failed, Job, Result
from .registry import Registries


@dataclass(frozen=True, slots=True)
class Foreseen:
    """One image that is not, or not all, at its target, and the bytes that a copy transfers at most.

    At most: layers that the target's registry holds under another name are not transferred, which only a copy sees.
    ``unknown`` is why the target could not be asked, empty where it could.
    """

    job: Job
    size: int
    unknown: str = ""


def foresee(jobs: Iterable[Job], registries: Registries) -> tuple[Foreseen, ...]:
    """Ask the targets of these jobs, and return the images that have something to be copied, in the order of jobs."""
    with Copier(registries) as copier:
        results = copier.copy_all(jobs, dry_run=True)
    return tuple(found for each in results if (found := _of(each)) is not None)


def _of(result: Result) -> Foreseen | None:
    if isinstance(result, Failed):
        return Foreseen(result.job, result.job.size, str(result.error))
    outcome = getattr(result, "outcome", "copied")
    if outcome == "present":
        return None
    # of what is attached the whole is counted: which part is missing is told by number alone
    attached = sum(each.size for each in result.job.attached)
    return Foreseen(result.job, {"copied": result.job.size, "attached": attached}.get(outcome, 0))
