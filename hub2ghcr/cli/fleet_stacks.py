"""``hub2ghcr fleet stacks``: stack files from the fleet's template."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path

import click


@click.command("stacks")
@click.option("--check", is_flag=True, help="Write nothing; exit code 1 if a stack file is missing or differs.")
@click.option("--update", is_flag=True, help="Write those that differ, too: what is a stack's own stays.")
@click.option("--init", is_flag=True, help="Then begin the stacks that the engine's backend does not have yet.")
def command(check: bool, update: bool, init: bool) -> None:
    """Write the stack files that clusters lack, from the fleet's template.

    The template (`template` of stacks/fleet.yaml) is a stack file with one cluster, into which each cluster's own keys
    are merged; `{cluster}` in it becomes the cluster's name. Phases, secrets, and keys that the template lacks are a
    stack's own: they are not compared, and stay. A file that --update writes loses its comments.

    --update waits for no run of the fleet: beside one it ends with exit code 1, and nothing is written.

    Exit codes: 0 done; 1 problems, or --check found what is missing or differs.

    \b
    Examples:
      hub2ghcr fleet stacks --init
      hub2ghcr fleet stacks --check
    """  # noqa: D301 click reads this character
    from ..fleet.ledger import Ledger
    from ..fleet.reading import load
    from ..fleet.stack_files import stack_files, write

    if check and (update or init):
        raise click.UsageError("--check writes nothing: it goes with neither --update nor --init")
    root = Path.cwd()
    fleet = load(root, written=False)
    wrong = 0
    with Ledger(root) if update else nullcontext():  # a run writes phases into the very files
        for each in stack_files(fleet, root):
            if each.state == "same":
                continue
            keys = f": {', '.join(each.keys)}" if each.keys else ""
            if (each.state == "missing" and not check) or (each.state == "differs" and update):
                write(each, fleet.template, root)
                click.echo(f"written: {each.place}{keys}")
            else:
                wrong += 1
                click.echo(f"{each.state}: {each.place}{keys}")
    if init:
        from ..engine.stacks import begin

        for stack in begin((each.stack for each in fleet.clusters), root):
            click.echo(f"begun: {stack}")
    if check and wrong:
        click.get_current_context().exit(1)
