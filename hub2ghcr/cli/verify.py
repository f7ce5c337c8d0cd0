"""``hub2ghcr verify``: prove that locked images are at their targets, and can be pulled."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal

import click

from .options import endpoints, urls


@click.command("verify")
@click.option("-s", "--stack", metavar="STACK", help="Images and namespaces of stacks/Pulumi.STACK.yaml.")
@click.option("--lock", "lock", metavar="FILE", help="All images of this lock file, without a stack.")
@endpoints
@click.option("--deep", is_flag=True, help="Read every blob once and check its hash.")
@click.option("--jobs", type=click.IntRange(1, 64), default=8, show_default=True, help="Images at the same time.")
@click.option("--output", type=click.Choice(["table", "json"]), default="table", show_default=True)
def command(
    stack: str | None,
    lock: str | None,
    endpoints: tuple[str, ...],
    deep: bool,
    jobs: int,
    output: Literal["table", "json"],
) -> None:
    """Prove that every locked image is at its target, with its digest, all its platforms and what is attached to it.

    With a stack also that each namespace can pull its images with its own credential, and anyone those that should be
    public. Only targets are asked. Credentials: HUB2GHCR_SECRET_<SECRET_KEY> in the environment, which must have those
    that namespaces pull with; to look at the images themselves also Docker's or podman's files.
    """
    from .. import access, plan, settings, verifying
    from ..errors import LockError, raise_all
    from ..lock import Lock
    from ..reference import Reference
    from . import verify_output

    root = Path.cwd()
    if (stack is None) == (lock is None):
        raise click.UsageError("give --stack or --lock")
    named = urls(endpoints, stack)
    if stack is not None:
        found = settings.load(stack, root)
        planned = plan.build(found, Lock.load(root / found.images.lock, found.images.lock), root)
        expected, problems = verifying.expected(planned, lambda name: access.reader(found, name, os.environ))
        opened = access.registries(found, os.environ)
    else:
        path = str(lock)
        if not (root / path).exists():
            raise LockError("no such lock file", path, remedy="`hub2ghcr lock` writes it")
        expected = [verifying.Expected(each) for each in Lock.load(root / path, path).entries]
        problems = []
        hosts = {Reference.parse(each.entry.target).registry for each in expected}
        opened = access.undeclared(hosts, os.environ, endpoints=named)
    with opened as registries, verify_output.progress(len(expected)) as told:
        results = verifying.Verifier(registries, deep=deep, jobs=jobs).verify_all(expected, told)
    verify_output.show(results, output, deep)
    raise_all([*problems, *(problem for each in results for problem in each.problems)])
