"""``hub2ghcr workflows``: existing workflows push to and pull from GHCR."""

from __future__ import annotations

from typing import Literal

import click

from . import completing
from .options import one_source, rules


@click.command("workflows")
@click.argument("paths", nargs=-1, metavar="[PATH...]", shell_complete=completing.files)
@click.option("--repo", "repositories", multiple=True, metavar="OWNER/NAME", help="A repository on GitHub; repeatable.")
@click.option("--org", "owner", metavar="OWNER", help="All repositories of an owner, but forks and archived.")
@rules
@click.option("--flavour", type=click.Choice(["token", "pat"]), default="token", show_default=True,
              help="Sign in with GITHUB_TOKEN, or with the secret CR_PAT.")  # fmt: skip
@click.option("--value", "values", multiple=True, metavar="NAME=VALUE",
              help="What an expression holds, say vars.OWNER=acme; repeatable.")  # fmt: skip
@click.option("--diff", "mode", flag_value="diff", help="Show what would change, for git apply.")
@click.option("--in-place", "mode", flag_value="in-place", help="Replace each file of PATH in one step.")
@click.option("--propose", "mode", flag_value="propose", help="Open or update a pull request in each repository.")
@click.option("--output", type=click.Choice(["text", "json"]), default="text", show_default=True)
def command(
    paths: tuple[str, ...],
    repositories: tuple[str, ...],
    owner: str | None,
    maps: tuple[str, ...],
    config: str | None,
    stack: str | None,
    flavour: Literal["token", "pat"],
    values: tuple[str, ...],
    mode: Literal["diff", "in-place", "propose"] | None,
    output: Literal["text", "json"],
) -> None:
    """Let GitHub workflows and actions do at GHCR what they do at Docker Hub. Nothing else in them changes.

    Reads .github/workflows/ and the action.yml files of PATH (default: the current folder), or of repositories on
    GitHub, which are read from their default branch with the credential of the stack's section `github`. Follows
    reusable workflows, composite actions, matrices and variables; edits image names, sign-ins (docker/login-action,
    `docker login`), the credentials of containers and services, and `permissions`, which gain `packages: write` where a
    job pushes. Images that the mapping leaves on Docker Hub stay.

    \b
    Examples:
      hub2ghcr workflows --map 'docker.io/acme/*=ghcr.io/acme/*'   # what would change, and what is left
      hub2ghcr workflows -s prod --diff                            # … as a diff
      hub2ghcr workflows -s prod --in-place                        # … done
      hub2ghcr workflows -s prod --repo acme/shop --propose        # … as a pull request
      hub2ghcr workflows -s prod --org acme --output json | jq …   # … of all repositories

    What could not be decided is listed with its place and what to do; all else is done. Names that are put together
    from secrets can be told: --value secrets.DOCKERHUB_USERNAME=acme

    Exit codes: 0 done, 2 something is left for people to decide or could not be read (one line each on stderr), or
    wrong use.
    """  # noqa: D301 click reads this very character
    from .. import rules as rules_
    from ..errors import Hub2GhcrError
    from . import told, workflows_output
    from .workflows_run import Run

    one_source(config, stack)
    if not (maps or config or stack):
        raise click.UsageError("which image moves where? Name --map, --config or --stack")
    remote = bool(repositories or owner)
    if remote and paths:
        raise click.UsageError("PATH, and --repo or --org, exclude each other")
    if remote and stack is None:
        raise click.UsageError("--repo and --org are read with the credential of a stack: name --stack")
    if mode == "in-place" and remote:
        raise click.UsageError("--in-place is for files here; repositories get pull requests: --propose")
    if mode == "propose" and not remote:
        raise click.UsageError("--propose is for repositories: name --repo or --org")
    if mode == "diff" and output == "json":
        raise click.UsageError("--diff and --output json exclude each other")
    if any(path == "-" for path in paths):
        raise click.UsageError("a stream has no place among workflows: name files or folders")
    try:
        known = {name: value for name, value in (_pair(each) for each in values)}
        run = Run(rules_.load(maps, config, stack).mapping, flavour, known)
        if remote:
            run.remote(str(stack), repositories, owner, propose=mode == "propose")
        else:
            run.local(paths or (".",), write=mode == "in-place")
    except Hub2GhcrError as error:
        told.finish([error])
    click.echo(workflows_output.WRITERS["diff" if mode == "diff" else output](run, mode), nl=False)
    told.finish(run.problems, () if output == "json" else run.notes)


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name or not value:
        raise click.UsageError(f"--value {text}: write NAME=VALUE")
    return name, value
