"""``hub2ghcr fleet export``: the fleet for an engine that many machines run."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from . import completing

if TYPE_CHECKING:
    from ..fleet.nouns import Fleet

OWN = {
    "operator": ("repository", "commit", "namespace", "secret", "account", "image", "private"),
    "github-actions": ("branch", "actions_secrets"),
}
"""Options that one engine alone has."""


@click.command("export")
@click.option("--engine", type=click.Choice(["operator", "github-actions"]), required=True, help="Who will run it.")
@click.option("--wave", "waves", multiple=True, metavar="WAVE", help="These waves alone; repeatable (default: all).")
@click.option("--folder", default="", metavar="DIR", help="The project's folder in its repository (default: its top).")
@click.option("--out", metavar="FILE", shell_complete=completing.files, help="Write there (default: standard output).")
@click.option("--repository", metavar="URL", help="Operator: the git repository.")
@click.option("--commit", metavar="SHA", help="Operator: what is applied, all 40 digits.")
@click.option("--namespace", default="fleet", show_default=True, help="Operator: where the Stacks are.")
@click.option(
    "--secret",
    default="fleet",
    show_default=True,
    metavar="NAME",
    help="Operator: a Secret whose keys every run gets as variables (PULUMI_BACKEND_URL, …).",
)
@click.option(
    "--service-account",
    "account",
    default="fleet",
    show_default=True,
    metavar="NAME",
    help="Operator: the ServiceAccount of what runs.",
)
@click.option("--image", default="", metavar="IMAGE", help="Operator: what runs (default: the operator's own).")
@click.option("--private", is_flag=True, help="Operator: clone with GIT_TOKEN of the Secret.")
@click.option("--branch", default="main", show_default=True, help="GitHub Actions: the branch that is applied.")
@click.option(
    "--actions-secret",
    "actions_secrets",
    multiple=True,
    metavar="NAME",
    help="GitHub Actions: a further secret of the environment `fleet` that every run gets; repeatable.",
)
@click.pass_context
def command(
    ctx: click.Context,
    engine: Literal["operator", "github-actions"],
    waves: tuple[str, ...],
    folder: str,
    out: str | None,
    repository: str | None,
    commit: str | None,
    namespace: str,
    secret: str,
    account: str,
    image: str,
    private: bool,
    branch: str,
    actions_secrets: tuple[str, ...],
) -> None:
    """Write stacks/fleet.yaml for an engine that runs fleets: past one machine, waves and all.

    `operator`: Stack resources of the Pulumi Kubernetes Operator, each waiting for those of the wave before.
    `github-actions`: a workflow with a matrix and a gate for each wave, and an environment before the next. Neither
    knows a failure budget: what fails keeps back all waves behind it.

    \b
    Examples:
      hub2ghcr fleet export --engine github-actions --out .github/workflows/fleet.yml
      hub2ghcr fleet export --engine operator --repository https://github.com/acme/fleet \\
        --commit "$(git rev-parse HEAD)" | kubectl apply --server-side -f -
    """  # noqa: D301 click reads this very character
    from ..fleet.reading import load

    _own(ctx, engine)
    folder = folder.strip("/")
    if engine == "operator":
        from ..fleet import operator_export

        if not (repository and commit):
            raise click.UsageError("--engine operator needs --repository and --commit")
        fleet = load(Path.cwd())
        operator = operator_export.Operator(repository, commit, namespace, secret, account, folder, image, private)
        text = operator_export.manifest(fleet, operator, waves)
    else:
        from importlib.metadata import version

        from ..fleet import actions_export

        fleet = load(Path.cwd())
        wished = actions_export.Workflow(version("pulumi"), branch, actions_secrets, folder)
        text = actions_export.workflow(fleet, wished, waves)
    _warn(fleet)
    _write(text, out)


def _own(ctx: click.Context, engine: str) -> None:
    """Refuse what only another engine would heed."""
    others = {name for other, names in OWN.items() if other != engine for name in names}
    given = [
        each.opts[0]
        for each in ctx.command.params
        if each.name in others and ctx.get_parameter_source(each.name) is click.core.ParameterSource.COMMANDLINE
    ]
    if given:
        raise click.UsageError(f"--engine {engine} has no {', '.join(given)}")


def _warn(fleet: Fleet) -> None:
    if fleet.budget.number:
        click.echo(f"warning: {fleet.place}: budget: no engine but `fleet up` knows one; here it is 0", err=True)


def _write(text: str, out: str | None) -> None:
    if out is None:
        click.echo(text, nl=False)
        return
    from .. import files

    Path(out).parent.mkdir(parents=True, exist_ok=True)
    files.replace(out, text.encode(), out)
    click.echo(f"wrote {out}", err=True)
