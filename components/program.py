"""The Pulumi program: it declares the running stack.

A program of yours is one call: ``from hub2ghcr_components.program import run; run()``.
"""

import asyncio
import gc
import sys

import pulumi
from pulumi.runtime.stack import wait_for_rpcs

from hub2ghcr.errors import Hub2GhcrError
from hub2ghcr.plan import Plan

from . import declaring
from .declaring import declare, tell_skipped, tell_unseen
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
        found = declare(plan)
        pulumi.export("phase", plan.phase)
        pulumi.export("images", found.images)
        # lets every registration begin: the SDK then waits for one after the other, not at each end of one for them all
        await asyncio.sleep(0)
        await tell_skipped(f"hub2ghcr-{plan.stack}", found.clusters)
        await wait_for_rpcs()
        tell_unseen(found.unseen)
        # the SDK looks once for what is outstanding, and has nothing left to wait for: it is to find the stack's
        # outputs, which begin after us, before it lets the engine end the run without them
        _: pulumi.Output[str] = pulumi.Output.from_input(asyncio.sleep(0, ""))
        if failed or (found.unseen and not pulumi.runtime.is_dry_run()):
            sys.exit(TOLD)

    pulumi.run(declared)


def planned() -> Plan:
    """Return what this stack will do; every problem of its input ends the run, one line each."""
    try:
        return declaring.planned()
    except Hub2GhcrError as error:
        for line in error.lines:
            pulumi.log.error(line)
        sys.exit(TOLD)


def _unsaid(*_: object, **__: object) -> None:
    """Say nothing."""
