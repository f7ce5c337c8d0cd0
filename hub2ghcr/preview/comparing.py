"""Two plans of one stack, and what lies between them."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Final

from ..plan import ImageChange, Plan, Untouched, Workload
from .cluster_things import cluster_things
from .github_things import github_things
from .nouns import Copied, ImageMove, StackPreview
from .secret_things import secret_things
from .thing import changes

Place = tuple[str, str]
"""A copy's target and digest."""
NOTHING: Final[frozenset[Place]] = frozenset()


def compare(before: Plan | None, after: Plan | None, there: Collection[Place] = NOTHING) -> StackPreview:
    """Return what changes between two plans of one stack, as far as plans tell: nothing is asked.

    Args:
        before: the base's; None where the stack is new, or nothing is compared.
        after: the head's; None where the stack's file is gone.
        there: what other stacks of the base have copied already (`places`).
    """
    if after is None:
        gone = "the stack's file is gone: that alone undoes nothing; what it made stays until `pulumi destroy`"
        return StackPreview(before.stack if before else "", warnings=(gone,))
    moves = tuple(sorted(_moves(before, after)))
    pairs = {(each.before, each.after) for each in moves}
    known = set(before.warnings) if before else set()
    return StackPreview(
        after.stack,
        images=moves,
        copies=tuple(sorted(_copies(after, {*there, *(places(before) if before else ())}))),
        secrets=changes(secret_things(before) if before else (), secret_things(after)),
        workloads=changes(cluster_things(before) if before else (), cluster_things(after), pairs),
        github=changes(github_things(before) if before else (), github_things(after)),
        warnings=tuple(sorted({*after.warnings} - known)),
        known_warnings=tuple(sorted({*after.warnings} & known)),
    )


def places(plan: Plan) -> frozenset[Place]:
    """Return target and digest of each copy of a plan."""
    return frozenset((each.target, each.digest) for each in plan.copies)


def _copies(plan: Plan, there: Collection[Place]) -> Iterator[Copied]:
    for each in plan.copies:
        if each.source and (each.target, each.digest) not in there:
            size, manifests = each.entry.size, each.entry.manifests
            yield Copied(each.source, each.target, each.digest, size, manifests, each.mode == "require")


def _moves(before: Plan | None, after: Plan) -> Iterator[ImageMove]:
    known = {place: image.after for place, image in _images(before)} if before else {}
    for place, image in _images(after):
        was = known.get(place, image.before)
        if was != image.after:
            yield ImageMove(*place, was, image.after)


def _images(plan: Plan) -> Iterator[tuple[tuple[str, str, str, str], ImageChange]]:
    """Yield each image field of a plan with its cluster, namespace, object and path."""
    for cluster in plan.clusters:
        for namespace in cluster.namespaces:
            objects: tuple[Untouched | Workload, ...] = (*namespace.untouched, *namespace.all_workloads)
            for each in objects:
                for image in each.images:
                    yield (cluster.name, namespace.name, f"{each.kind} {each.name}", image.field), image
