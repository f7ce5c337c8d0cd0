"""``hub2ghcr verify``: prove that locked images are at their targets, and can be pulled."""

from __future__ import annotations

import os
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple

import click

from . import completing
from .options import endpoints, urls

if TYPE_CHECKING:
    from ..errors import CredentialError
    from ..registry import Registries
    from ..verifying import Expected


@click.command("verify")
@click.option(
    "-s",
    "--stack",
    metavar="STACK",
    shell_complete=completing.stacks,
    help="Images and namespaces of stacks/Pulumi.STACK.yaml.",
)
@click.option(
    "--lock",
    "lock",
    metavar="FILE",
    shell_complete=completing.files,
    help="All images of this lock file, without a stack.",
)
@endpoints
@click.option("--cluster", is_flag=True, help="Prove that the clusters are as the phase says, instead of the images.")
@click.option("--deep", is_flag=True, help="Read every blob once and check its hash.")
@click.option("--jobs", type=click.IntRange(1, 64), default=8, show_default=True, help="Images at the same time.")
@click.option("--output", type=click.Choice(["table", "json"]), default="table", show_default=True)
def command(
    stack: str | None,
    lock: str | None,
    endpoints: tuple[str, ...],
    cluster: bool,
    deep: bool,
    jobs: int,
    output: Literal["table", "json"],
) -> None:
    """Prove that every locked image is at its target, with its digest, all its platforms and what is attached to it.

    With a stack also that each namespace can pull its images with its own credential, and anyone those that should be
    public. Only targets are asked. Credentials: HUB2GHCR_SECRET_<SECRET_KEY> in the environment, which must have those
    that namespaces pull with; to look at the images themselves also Docker's or podman's files.

    \b
    Examples:
      hub2ghcr verify -s prod
      hub2ghcr verify -s prod --cluster
      hub2ghcr verify --lock images.lock.yaml --deep
    """  # noqa: D301 click reads this very character
    from ..errors import raise_all
    from ..verifying import Verifier
    from . import verify_output
    from .counting import Counting

    if (stack is None) == (lock is None):
        raise click.UsageError("give --stack or --lock")
    if cluster:
        _clusters(stack, output)
        return
    named = urls(endpoints, stack)
    with ExitStack() as opened:
        asked = _of_lock(lock, named, opened) if lock is not None else _of_stack(str(stack), opened)
        with Counting("verifying images") as counting:
            verifier = Verifier(asked.registries, deep=deep, jobs=jobs)
            results = verifier.verify_all(asked.expected, counting)
    verify_output.show(results, output, deep)
    raise_all([*asked.problems, *(problem for each in results for problem in each.problems)])


def _clusters(stack: str | None, output: Literal["table", "json"]) -> None:
    """Show where each namespace stands; what is not as its phase says is an error."""
    from .status import looked
    from .status_output import show

    if stack is None:
        raise click.UsageError("--cluster needs --stack")
    found = looked(stack)
    show(found, output)
    if any(each.problems for each in found):
        click.get_current_context().exit(1)


class _Asked(NamedTuple):
    """What is to be proven, where it is asked for, and what cannot be proven."""

    registries: Registries
    expected: list[Expected]
    problems: list[CredentialError]


def _of_stack(stack: str, opened: ExitStack) -> _Asked:
    """Return the images of a stack, and who pulls them."""
    from .. import access, plan, verifying

    found = plan.of_stack(stack, Path.cwd())

    def reader(name: str | None) -> Registries:
        return opened.enter_context(access.reader(found.settings, name, os.environ))

    expected, problems = verifying.expected(found.plan, reader)
    return _Asked(opened.enter_context(access.registries(found.settings, os.environ)), expected, problems)


def _of_lock(lock: str, urls: dict[str, str], opened: ExitStack) -> _Asked:
    """Return all images of a lock file."""
    from .. import access
    from ..errors import LockError
    from ..lock import Lock
    from ..reference import Reference
    from ..verifying import Expected

    path = Path(lock)
    if not path.exists():
        raise LockError("no such lock file", lock, remedy="`hub2ghcr lock` writes it")
    expected = [Expected(each) for each in Lock.load(path, lock).entries]
    hosts = {Reference.parse(each.entry.target).registry for each in expected}
    registries = access.undeclared(hosts, os.environ, endpoints=urls)
    return _Asked(opened.enter_context(registries), expected, [])
