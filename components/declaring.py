"""What a stack declares: its plan, made where it runs, and the components of it. What it decides is in ``hub2ghcr``."""

import asyncio
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pulumi

from hub2ghcr.copying.locked import job
from hub2ghcr.lock import Lock
from hub2ghcr.plan import Plan, of_survey, require_buildable, require_built
from hub2ghcr.reference import Reference
from hub2ghcr.rendering import checked
from hub2ghcr.settings import from_config
from hub2ghcr.survey import survey

from . import expiry, pull_access, stack_config
from .all_moved import AllMoved
from .cluster_migration import ClusterMigration, ClusterMigrationArgs
from .foretelling import foretell
from .image_mirror import ImageMirror, mirror_args


@dataclass(frozen=True)
class Declared:
    """What was declared of a plan.

    ``images`` are the references with their digests in GHCR by the keys of the lock, ``unseen`` the lines of
    repositories that nobody could look at: for these a run has to fail when all else is done.
    """

    clusters: Sequence[ClusterMigration]
    images: Mapping[str, str]
    unseen: Sequence[str]


def planned() -> Plan:
    """Return what this stack will do.

    Raises:
        Hub2GhcrError, Problems: every problem of its input.
    """
    root = Path.cwd()
    settings = from_config(pulumi.get_stack(), stack_config.sealed(), root, os.environ)
    found = survey(settings, root)
    plan = checked(of_survey(settings, Lock.load(root / settings.images.lock), found), found.sites, root)
    require_built(plan, root)
    require_buildable(plan, root)
    pull_access.check(plan)
    return pull_access.with_sharing(plan, settings)


def declare(plan: Plan, parent: pulumi.Resource | None = None) -> Declared:
    """Declare a plan, at the top of the stack or below a component."""
    for warning in plan.warnings:
        pulumi.log.warn(warning)
    expiry.tell(plan)
    if pulumi.runtime.is_dry_run():
        foretell(plan)
    opts = pulumi.ResourceOptions(parent=parent)
    mirrors = {
        each.target: ImageMirror(each.target, mirror_args(job(each.entry), each.mode), opts) for each in plan.copies
    }
    unseen: tuple[str, ...] = ()
    if plan.github:
        # the provider of a whole API: a stack of clusters alone does not wait for it to be read
        from .github_migration import GitHubMigration, GitHubMigrationArgs

        args = GitHubMigrationArgs(plan.github, mirrors, plan.phase == "seal")
        unseen = GitHubMigration(plan.github.owner, args, opts).unseen
    clusters = [
        ClusterMigration(cluster.name, ClusterMigrationArgs(cluster, mirrors, plan.rollback), opts)
        for cluster in plan.clusters
    ]
    images = {each.entry.key: str(Reference.parse(each.target).with_digest(each.digest)) for each in plan.copies}
    return Declared(clusters, images, unseen)


def tell_unseen(lines: Sequence[str]) -> None:
    """Tell, when all else is done, what a run has to fail for: repositories that nobody could look at."""
    if not pulumi.runtime.is_dry_run():
        for line in lines:
            pulumi.log.error(line)


async def tell_skipped(name: str, clusters: Sequence[ClusterMigration], parent: pulumi.Resource | None = None) -> None:
    """Declare what tells of skipped workloads when all has ended, by a failure or well.

    It is told by plain values and depends on nothing: the engine would skip it with whatever failed besides.
    """
    if unready := {key: reasons for each in clusters for key, reasons in each.unready.items()}:
        await asyncio.gather(*(last.urn.future() for each in clusters for last in each.rolled_out))
        told = {key: await reasons.future() or [] for key, reasons in unready.items()}
        AllMoved(name, unready=told, opts=pulumi.ResourceOptions(parent=parent))
