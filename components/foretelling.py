"""What a preview says of copies: which images are not at their targets, and how many bytes bringing them takes."""

import pulumi

from hub2ghcr.allowance import Budget
from hub2ghcr.amounts import size_of
from hub2ghcr.copying.locked import job
from hub2ghcr.errors import Hub2GhcrError
from hub2ghcr.foreseeing import foresee
from hub2ghcr.plan import Plan
from hub2ghcr.registry import Patience

from . import provider_process, stack_config
from .registry_access import registries

SHOWN = 50
"""Images that get a line of their own."""
QUICK = Patience(attempts=1, silence=5)
"""A preview is no copy: what does not answer at once is not asked again."""


def foretell(plan: Plan) -> None:
    """Log a line for each image that a run would copy, and their sum; targets are asked, sources never."""
    jobs = [job(each.entry) for each in plan.copies if each.mode == "copy"]
    provider_process.know(stack_config.given())
    try:
        with registries(Budget(), QUICK) as opened:
            found = foresee(jobs, opened)
    except Hub2GhcrError as error:
        for line in error.lines:
            pulumi.log.info(f"images: what is at the targets is not known: {line}")
        return
    for each in found[:SHOWN]:
        why = f" ({each.unknown})" if each.unknown else ""
        pulumi.log.info(f"image {each.job.target}: to be copied, at most {size_of(each.size)}{why}")
    if len(found) > SHOWN:
        pulumi.log.info(f"and {len(found) - SHOWN} images more")
    total = size_of(sum(each.size for each in found))
    pulumi.log.info(f"images: {len(found)} of {len(jobs)} to be copied" + (f", at most {total}" if found else ""))
