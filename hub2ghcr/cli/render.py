"""``hub2ghcr render``: files with their images moved, for repositories that Argo CD or Flux watch."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from .options import stack

if TYPE_CHECKING:
    from ..plan import Plan
    from ..rendering import Difference, Rendering
    from ..settings import Settings


@click.command("render")
@stack
@click.option("--diff", "mode", flag_value="diff", help="Show what would change, for git apply; write nothing.")
@click.option("--check", "mode", flag_value="check", help="Name the files that would change; exit code 1 if any.")
def command(stack: str, mode: Literal["diff", "check"] | None) -> None:
    """Write the files of namespaces whose delivery is `render`: into a folder, or by a pull request.

    Copies of manifest files change in their images and pull Secrets and in no other byte; overlays and charts become
    one file each. In a folder our own files alone are replaced. A pull request is updated by the next run, and not
    opened again once it was closed without being merged.

    \b
    Examples:
      hub2ghcr render -s prod --diff
      hub2ghcr render -s prod

    Exit codes: 0 done, 1 problems, or --check found what would change.
    """  # noqa: D301 click reads this very character
    from .. import plan, rendering
    from ..errors import Hub2GhcrError, raise_all

    root = Path.cwd()
    found = plan.of_stack(stack, root)
    all_ = rendering.renderings(found.plan, found.survey.sites, root)
    problems: list[Hub2GhcrError] = []
    for each in all_:
        try:
            if isinstance(each.target, rendering.Folder):
                _folder(each.target.path, each, root, mode)
            else:
                _branch(each, found.settings, found.plan, mode)
        except Hub2GhcrError as error:
            problems.append(error)
    raise_all(problems)
    if not all_:
        click.echo(f"nothing to render: no namespace of {stack} has workloads of `delivery: render`")


def _folder(path: str, rendering: Rendering, root: Path, mode: str | None) -> None:
    from ..rendering import differences, write

    changes = differences(root, path, rendering.data)
    if mode is not None:
        _shown(path, changes, mode)
        return
    write(root, path, rendering.data, changes)
    for each in changes:
        click.echo(f"{'removed' if each.after is None else 'written'}: {path}/{each.path}")
    if not changes:
        click.echo(f"unchanged: {path} ({_count(len(rendering.files))})")


def _branch(rendering: Rendering, settings: Settings, plan: Plan, mode: str | None) -> None:
    from ..errors import GitHubError
    from ..github.pull_request import missing, propose
    from ..github_access import declared
    from ..rendering import Difference
    from ..rendering.proposing import proposal

    wanted = proposal(rendering, plan)
    name = f"{wanted.owner}/{wanted.repository}"
    with declared(settings, os.environ) as api:
        if mode is not None:
            there = missing(api, wanted)
            _shown(name, tuple(Difference(path, there[path], wanted.files[path]) for path in sorted(there)), mode)
            return
        done = propose(api, wanted)
    if done.state == "closed":
        remedy = "open it again, or name another `branch`"
        raise GitHubError("was closed without being merged, and is not opened again", done.url, remedy=remedy)
    if done.state == "merged":
        click.echo(f"unchanged: {name} ({_count(len(wanted.files))})")
    else:
        click.echo(f"{done.state}: {done.url} ({_count(len(done.changed))})")


def _shown(place: str, changes: tuple[Difference, ...], mode: str) -> None:
    """Show what would change; for ``check`` it is a problem."""
    from ..diff import unified
    from ..errors import ManifestError

    for each in changes:
        if mode == "diff":
            click.echo(unified(each.before or b"", each.after or b"", f"{place}/{each.path}"), nl=False)
        else:
            click.echo(f"would {'remove' if each.after is None else 'write'}: {place}/{each.path}")
    if changes and mode == "check":
        remedy = "run the same without --check, and commit or merge what it writes"
        raise ManifestError(f"not up to date: {_count(len(changes))}", place, remedy=remedy)


def _count(number: int) -> str:
    return "1 file" if number == 1 else f"{number} files"
