"""The Pulumi program: settings, lock, plan, components. What it decides stands in ``hub2ghcr``.

A program of yours is one call: ``from hub2ghcr_components.program import run; run()``.
"""

import asyncio
import gc
import os
import sys
from collections.abc import Sequence
from pathlib import Path

import pulumi
from pulumi.runtime.stack import wait_for_rpcs

from hub2ghcr.copying.locked import job
from hub2ghcr.errors import Hub2GhcrError
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
from .registration import leave_failures_to_the_engine

TOLD = 32
"""The exit code by which the language host knows that a program told what is wrong, and adds nothing."""


def run() -> None:
    """Plan the running stack and declare it."""
    gc.freeze()  # what is imported stays; collecting while registering thousands of resources took half of the time
    gc.set_threshold(200_000, 50, 50)
    plan = planned()
    # its own steps the SDK tells the engine by a call that it waits for, four for each resource, a third of the run:
    # nobody hears of them without `--debug`, and the engine's own log has every registration
    setattr(pulumi.log, "debug", _unsaid)  # noqa: B010 - a function of the SDK, not one of ours
    failed = leave_failures_to_the_engine()

    async def declared() -> None:
        clusters, unseen = declare(plan)
        # lets every registration begin: the SDK then waits for one after the other, not at each end of one for them all
        await asyncio.sleep(0)
        await tell_skipped(f"hub2ghcr-{plan.stack}", clusters)
        await wait_for_rpcs()
        tell_unseen(unseen)
        if failed or (unseen and not pulumi.runtime.is_dry_run()):
            # the SDK looks once for what is outstanding; it is to find the stack's outputs, which begin after us
            _: pulumi.Output[str] = pulumi.Output.from_input(asyncio.sleep(0, ""))
            sys.exit(TOLD)

    pulumi.run(declared)


def planned() -> Plan:
    """Return what this stack will do; every problem of its input ends the run, one line each."""
    root = Path.cwd()
    try:
        settings = from_config(pulumi.get_stack(), stack_config.sealed(), root, os.environ)
        found = survey(settings, root)
        plan = checked(of_survey(settings, Lock.load(root / settings.images.lock), found), found.sites, root)
        require_built(plan, root)
        require_buildable(plan, root)
        pull_access.check(plan)
        plan = pull_access.with_sharing(plan, settings)
    except Hub2GhcrError as error:
        for line in error.lines:
            pulumi.log.error(line)
        sys.exit(TOLD)
    return plan


def declare(plan: Plan) -> tuple[list[ClusterMigration], tuple[str, ...]]:
    """Declare the plan; return what became of its clusters, and the lines of repositories that nobody could look at."""
    for warning in plan.warnings:
        pulumi.log.warn(warning)
    expiry.tell(plan)
    if pulumi.runtime.is_dry_run():
        foretell(plan)
    mirrors = {each.target: ImageMirror(each.target, mirror_args(job(each.entry), each.mode)) for each in plan.copies}
    unseen: tuple[str, ...] = ()
    if plan.github:
        # the provider of a whole API: a stack of clusters alone does not wait for it to be read
        from .github_migration import GitHubMigration, GitHubMigrationArgs

        args = GitHubMigrationArgs(plan.github, mirrors, plan.phase == "seal")
        unseen = GitHubMigration(plan.github.owner, args).unseen
    clusters = [
        ClusterMigration(cluster.name, ClusterMigrationArgs(cluster, mirrors, plan.rollback))
        for cluster in plan.clusters
    ]
    pulumi.export("phase", plan.phase)
    images = {each.entry.key: str(Reference.parse(each.target).with_digest(each.digest)) for each in plan.copies}
    pulumi.export("images", images)
    return clusters, unseen


def tell_unseen(lines: Sequence[str]) -> None:
    """Tell, when all else is done, what a run has to fail for: repositories that nobody could look at."""
    if not pulumi.runtime.is_dry_run():
        for line in lines:
            pulumi.log.error(line)


async def tell_skipped(name: str, clusters: Sequence[ClusterMigration]) -> None:
    """Declare what tells of skipped workloads when all has ended, by a failure or well.

    It is told by plain values and depends on nothing: the engine would skip it with whatever failed besides.
    """
    if unready := {key: reasons for each in clusters for key, reasons in each.unready.items()}:
        await asyncio.gather(*(last.urn.future() for each in clusters for last in each.rolled_out))
        AllMoved(name, unready={key: await reasons.future() or [] for key, reasons in unready.items()})


def _unsaid(*_: object, **__: object) -> None:
    """Say nothing."""
