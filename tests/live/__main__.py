"""``python -m tests.live``.

Exit codes: 0 all as assumed, 1 something differs, 2 not configured or not reachable, 130 interrupted.
"""

from __future__ import annotations

import os
import sys
from typing import Literal, NoReturn

import click
import httpx
from rich.console import Console

from tests.live import told
from tests.live.fact import Fact, Finding, check
from tests.live.facts import FACTS
from tests.live.ground import Ground
from tests.live.settings import NotReady, read

SECONDS = 60.0


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--output", type=click.Choice(["table", "json"]), default="table", show_default=True)
@click.option("--use-existing", is_flag=True, help="Push to packages that exist, too; only what was pushed is removed.")
@click.option("--needs", is_flag=True, help="Say what to set, and what a run makes and deletes.")
@click.argument("names", metavar="[FACT]...", nargs=-1, type=click.Choice([each.name for each in FACTS]))
def main(names: tuple[str, ...], output: Literal["table", "json"], use_existing: bool, needs: bool) -> None:
    """Ask the real GHCR and Docker Hub for every fact that the lab rests on, or for the named ones."""
    if needs:
        click.echo(told.needs())
        return
    try:
        settings = read(os.environ)
    except NotReady as error:
        _refuse(*error.args, "", told.needs())
    with httpx.Client(timeout=SECONDS, follow_redirects=False) as http:
        ground = Ground(settings, http)
        findings: tuple[Finding, ...] = ()
        removed: tuple[str, ...] = ()
        try:
            ground.prepare(use_existing=use_existing)
            findings = check([each for each in FACTS if not names or each.name in names], ground, _progress)
        except NotReady as error:
            _refuse(*error.args)
        except httpx.TransportError as error:
            _refuse(f"{error.request.url.host}: {type(error).__name__}: {error}")
        except KeyboardInterrupt:
            sys.exit(130)
        finally:
            removed = ground.remove()
            if not findings and removed:
                click.echo("\n".join(removed), err=True)
    if output == "json":
        click.echo(told.as_json(findings, removed))
    else:
        told.table(findings, removed, Console(width=None if sys.stdout.isatty() else 200))
    verdicts = {each.verdict for each in findings}
    sys.exit(1 if "differs" in verdicts else 2 if "unreachable" in verdicts else 0)


def _progress(asked: Fact) -> None:
    if sys.stderr.isatty():
        click.echo(f"{asked.name}: {asked.meaning}", err=True)


def _refuse(*lines: str) -> NoReturn:
    click.echo("\n".join(lines), err=True)
    sys.exit(2)


if __name__ == "__main__":
    main()
