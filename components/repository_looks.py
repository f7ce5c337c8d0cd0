"""What the program sees of the repositories before it declares them: one look each, many at the same time."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field

import pulumi

from hub2ghcr.delivering import Delivery, Look, look
from hub2ghcr.delivering.delivery import Exists
from hub2ghcr.delivering.settled import Settled, default_folder
from hub2ghcr.errors import Hub2GhcrError
from hub2ghcr.plan import GitHub as Plan
from hub2ghcr.plan import Repository
from hub2ghcr.publishing import missing

from . import provider_process, stack_config
from .github_access import github

JOBS = 8
"""Repositories looked at at the same time."""


@dataclass(frozen=True)
class Looks:
    """What was seen of repositories that get files, by name, and one line for each that could not be looked at."""

    seen: Mapping[str, Look] = field(default_factory=dict)
    unseen: tuple[str, ...] = ()


def looks(plan: Plan) -> Looks:
    """Return a look for each repository that gets files; nothing ends here, so that all others go on."""
    from concurrent.futures import ThreadPoolExecutor

    wanted = [each for each in plan.repositories if each.workflow_path or each.also_rewrite]
    if not wanted:
        return Looks()
    provider_process.know(stack_config.given())
    stack, settled = pulumi.get_stack(), Settled(default_folder(os.environ))

    def one(repository: Repository) -> Look | Hub2GhcrError:
        try:
            return look(github(plan.endpoint, plan.credential.name), delivery(plan, repository, stack), settled)
        except Hub2GhcrError as error:
            return error

    with ThreadPoolExecutor(JOBS) as pool:
        found = list(pool.map(one, wanted))
    pairs = list(zip(wanted, found, strict=True))
    return Looks(
        {repository.name: each for repository, each in pairs if isinstance(each, Look)},
        tuple(
            f"{repository.owner}/{repository.name}: what it lacks is not known: {line}"
            for repository, each in pairs
            if isinstance(each, Hub2GhcrError)
            for line in each.lines
        ),
    )


def delivery(plan: Plan, repository: Repository, stack: str) -> Delivery:
    """Return what a repository is to have."""
    return Delivery(
        repository.owner,
        repository.name,
        stack,
        repository.delivery,
        repository.workflow_path or "",
        repository.workflow or "",
        repository.image,
        " and ".join(repository.publish.images[1:]) if repository.publish else "",
        repository.also_rewrite,
        plan.mapping,
        lambda exists: _lacks(repository, exists),
    )


def _lacks(repository: Repository, exists: Exists) -> list[Hub2GhcrError]:
    """Return what the repository's workflow would not find."""
    if repository.publish is None:
        return []
    return [*missing(repository.publish, exists, f"github.repositories.{repository.name}.workflow")]
