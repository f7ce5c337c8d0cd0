"""``hub2ghcr preview``: what a change does to every stack, for its pull request."""

from __future__ import annotations

import re
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from . import completing

if TYPE_CHECKING:
    from ..preview import Preview

_PULL_REQUEST = re.compile(r"([\w.-]+/[\w.-]+)#([1-9][0-9]*)")


_FOLLOWED = "run"


def _pull_request(_: click.Context, __: click.Parameter, text: str | None) -> tuple[str, int] | str | None:
    if text is None or text == _FOLLOWED:
        return text
    found = _PULL_REQUEST.fullmatch(text)
    if found is None:
        raise click.BadParameter("write OWNER/REPO#NUMBER, or run")
    return found[1], int(found[2])


_FILE = click.Path(dir_okay=False, path_type=Path)


@click.command("preview")
@click.option(
    "-s",
    "--stack",
    "stacks",
    multiple=True,
    metavar="STACK",
    shell_complete=completing.stacks,
    help="One stack; repeatable (default: --all).",
)
@click.option("--all", "all_", is_flag=True, help="All stacks of both sides.")
@click.option(
    "--base", metavar="REF", help="Compare with the commit at which HEAD left REF (default: the default branch)."
)
@click.option(
    "--head",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    metavar="DIR",
    help="This folder is the base: of DIR the stacks and the lock alone are read, as data.",
)
@click.option("--plan-only", is_flag=True, help="Do not ask the engine.")
@click.option("--from", "given", type=_FILE, metavar="FILE", help="Show a preview that `--output json` has written.")
@click.option(
    "--claimed",
    type=_FILE,
    metavar="FILE",
    help="Show of a preview that a pull request's own run has written what --from does not have.",
)
@click.option(
    "--post",
    callback=_pull_request,
    metavar="OWNER/REPO#N",
    help="Write the comment of this pull request, or update it in place (GITHUB_TOKEN); run: of those that the "
    "followed run (workflow_run) was about.",
)
@click.option("--report", type=_FILE, metavar="FILE", help="Write all of it as one HTML file, too.")
@click.option("--summary", type=_FILE, metavar="FILE", help="Write it for GITHUB_STEP_SUMMARY, too.")
@click.option("--output", type=click.Choice(["markdown", "json", "html"]), default="markdown", show_default=True)
def command(
    stacks: tuple[str, ...],
    all_: bool,
    base: str | None,
    head: Path | None,
    plan_only: bool,
    given: Path | None,
    claimed: Path | None,
    post: tuple[str, int] | str | None,
    report: Path | None,
    summary: Path | None,
    output: Literal["markdown", "json", "html"],
) -> None:
    """Show what a change does to every stack: images, copies and what they cost, Secrets, workloads, GitHub.

    Plan, lock and inventory of both sides are compared, which needs no engine, secret or cluster; the same commits give
    the same bytes. Where credentials allow it the engine is asked, too. Each stack says what its part was made with,
    and why. A stack with problems keeps no other from being shown.

    Exit codes: 0 done; 1 a stack has problems (but not with --from or --claimed, which show what another run has
    judged), or nothing could be shown or posted; 2 wrong use.

    \b
    Examples:
      hub2ghcr preview --plan-only
      hub2ghcr preview -s production --base origin/main
      hub2ghcr preview --output json > preview.json
      hub2ghcr preview --from preview.json --post acme/fleet#12
      hub2ghcr preview --claimed artefact/preview.json --post run
    """  # noqa: D301 click reads this very character
    if (given or claimed) and (stacks or all_ or base or head or plan_only):
        what = "--from and --claimed show what was made"
        raise click.UsageError(f"{what}: --stack, --all, --base, --head and --plan-only make one")
    if stacks and all_:
        raise click.UsageError("--all and --stack exclude each other")
    if head is not None and base is not None:
        raise click.UsageError("--base and --head exclude each other: with --head this folder is the base")
    from ..preview import comment

    found = _read(given, claimed) if given or claimed else _made(stacks, base, head, plan_only)
    if summary is not None:
        _write(summary, comment.summary(found))
    if report is not None:
        _write(report, _html(found))
    click.echo(_shown(found, output), nl=False)
    if post is not None:
        _post(comment.comment(found), post)
    made_here = not (given or claimed)  # what another run has judged is no failure of showing it
    click.get_current_context().exit(1 if made_here and found.broken else 0)


def _read(given: Path | None, claimed: Path | None) -> Preview:
    from ..preview import joining, json_form

    made = json_form.read(given) if given else None
    if claimed is None:
        assert made is not None  # `command` asks for one of them
        return made
    return joining.joined(made, json_form.read(claimed))


def _post(text: str, where: tuple[str, int] | str) -> None:
    from ..preview import posting

    pages = [posting.post(text, *where)] if isinstance(where, tuple) else posting.post_followed(text)
    for page in pages:
        click.echo(f"wrote {page}", err=True)
    if not pages:
        click.echo("wrote nothing: no open pull request has the run's commit as its head any more", err=True)


def _made(stacks: tuple[str, ...], base: str | None, head: Path | None, plan_only: bool) -> Preview:
    from ..preview import opening
    from ..preview.asking import with_engine, without_engine
    from ..preview.previewing import preview
    from .counting import Counting

    with ExitStack() as opened:
        root = Path.cwd()
        sides = opening.against(base, root, opened) if head is None else opening.beside(head, root, opened)
        with Counting("planning stacks") as counting:
            found = preview(sides, stacks or sides.stacks, counting)
        if plan_only:
            return without_engine(found)
        with Counting("asking the engine about stacks") as counting:
            return with_engine(found, sides.head.root, sides.refused, counting)


def _shown(found: Preview, output: Literal["markdown", "json", "html"]) -> str:
    from ..preview import json_form, markdown

    if output == "html":
        return _html(found)
    return json_form.dumps(found) if output == "json" else markdown.whole(found)


def _html(found: Preview) -> str:
    from ..preview.page import page

    return page(found)


def _write(file: Path, text: str) -> None:
    from .. import files

    files.replace(str(file.absolute()), text.encode(), str(file))
