"""What a preview says of packages: what is not as wanted today, whatever the state remembers."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pulumi

from hub2ghcr.errors import Hub2GhcrError
from hub2ghcr.github import Packages
from hub2ghcr.packages import MISSING, differences, look, notes
from hub2ghcr.plan import GitHub as GitHubSide
from hub2ghcr.plan import Package

from . import provider_process, stack_config
from .github_access import github
from .registry_access import reader

JOBS = 8
"""Packages looked at at the same time."""

Told = list[tuple[Callable[[str], None], str]]


def foretell_packages(plan: GitHubSide) -> None:
    """Log a line for each setting that is not as wanted, and for what no API shows.

    What ends the run (``enforce: fail``) is told by the resource, whose check fails in a preview, too; not so a package
    that is not there yet.
    """
    provider_process.know(stack_config.given())
    try:
        packages = Packages(github(plan.endpoint, plan.credential.name), plan.owner)
        with ThreadPoolExecutor(JOBS) as pool:
            found = list(pool.map(lambda each: _told(packages, each), plan.packages))
    except Hub2GhcrError as error:
        found = [[(pulumi.log.warn, f"packages: what they are is not known: {line}") for line in error.lines]]
    for told in found:
        for log, line in told:
            log(line)


def _told(packages: Packages, wanted: Package) -> Told:
    told: Told = [(pulumi.log.info, line) for line in notes(wanted)]
    seen = look(packages, wanted.name, reader(wanted.registry, None), wanted.place)
    if wanted.enforce == "fail" and seen.visibility != MISSING:
        return told
    log = pulumi.log.info if seen.visibility == MISSING else pulumi.log.warn  # what is not there yet may come
    return [*told, *((log, line) for line in differences(wanted, seen))]
