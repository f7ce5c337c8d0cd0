"""The commands. Each parses its flags and makes one library call.

A command is a module here that holds a click command named ``command``, and one line in `COMMANDS`. Its module is
loaded when it is called, and heavy libraries (pydantic, httpx, yaml, rich) inside its function: ``--help`` loads none.

Exit codes: 0 done, 1 problems in what was read or answered (one line each on stderr), 2 wrong use of the command or
output that cannot be written, 3 images left to copy since no pulls are left, 130 interrupted while copying. ``scan``,
``rewrite``, ``workflows`` and ``init`` read whatever there is: for them broken input is 2, and 1 the answer of
``--check``.
"""

from __future__ import annotations

import gc
import os
import sys
from pathlib import Path
from typing import Final

import click

from ..errors import Hub2GhcrError
from .lazy import Lazy

COMMANDS: Final = {
    "build": "Build a folder in a cluster with kaniko, and push it to GHCR.",
    "completion": "Print what a shell needs to complete commands, options and stacks.",
    "copy": "Copy locked images to GHCR, digests unchanged.",
    "doctor": "Try every credential, cluster and program of a stack, harmlessly.",
    "fleet": "Change many clusters, wave by wave: plan, up, status, resume, rollback.",
    "init": "Begin a repository of your own: program, first stack file, pinned requirements.",
    "insecure": "Let a machine pull from registries without TLS: hosts.toml and daemon.json, merged.",
    "inventory": "Write what is in the clusters of a stack, for plans and previews to read.",
    "job": "Print the Kubernetes Job that copies a lock file's images in many pods.",
    "lock": "Resolve the images of a stack and write images.lock.yaml.",
    "nodes": "Give the files by which nodes pull other names from GHCR, and what needs a restart.",
    "permissions": "Print which token of a stack needs which scope, and why.",
    "plan": "Show what a stack will do, without engine, cluster or credentials.",
    "preview": "Show what a change does to every stack, for its pull request.",
    "recover": "After a killed run: its lock, what it had begun, what the state lacks.",
    "render": "Write the files of namespaces that Argo CD or Flux watch: a folder, or a pull request.",
    "report": "Write where a stack or a fleet stands: one HTML file, JSON or Markdown.",
    "retention": "Report the versions of packages that nothing reaches; deletes nothing.",
    "rewrite": "Write files with their images moved to GHCR; nothing else changes.",
    "secret": "Make and read pull Secrets, set the values of credentials.",
    "scan": "Show every image that files name, and where it moves or why not.",
    "status": "Show what is copied, granted, switched, running, still on Docker Hub.",
    "up": "Change the phase and apply it; a failure leaves the phase where it was.",
    "verify": "Prove that the locked images are in GHCR, whole, and can be pulled.",
    "workflows": "Let GitHub workflows push to GHCR and pull from there; nothing else changes.",
}


def _version(ctx: click.Context, _: click.Parameter, asked: bool) -> None:
    if asked and not ctx.resilient_parsing:
        from importlib.metadata import version

        click.echo(f"hub2ghcr {version('hub2ghcr')}")
        ctx.exit()


@click.group(
    cls=Lazy,
    modules={name: (f"{__name__}.{name}", line) for name, line in COMMANDS.items()},
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.option("-C", "--cwd", type=click.Path(path_type=Path), help="The project's folder (default: this one).")
@click.option("--version", is_flag=True, callback=_version, expose_value=False, is_eager=True, help="Show the version.")
def group(cwd: Path | None) -> None:
    """Move everything that runs on Docker Hub images to GHCR, declaratively.

    \b
    Examples:
      hub2ghcr scan deploy/
      hub2ghcr init --owner acme -s prod
      hub2ghcr -C fleet plan -s prod
      hub2ghcr up -s prod --phase cutover
    """  # noqa: D301 click reads this very character
    if cwd is not None:
        try:
            os.chdir(cwd)
        except OSError as error:
            raise click.UsageError(f"--cwd {cwd}: {error.strerror}") from None


def main() -> None:
    """Run a command; every error of ours becomes its lines on stderr and exit code 1."""
    gc.set_threshold(100_000, 20, 20)  # a command lives shortly and makes few cycles: looking for them took a tenth
    try:
        group(prog_name="hub2ghcr")
    except Hub2GhcrError as error:
        for line in error.lines:
            click.echo(f"error: {line}", err=True)
        sys.exit(1)
    except BrokenPipeError:
        _silence()
        sys.exit(1)
    except OSError as error:
        if error.filename is not None:
            raise
        _silence()
        click.echo(f"error: standard output: cannot be written: {error.strerror}; write it elsewhere", err=True)
        sys.exit(2)


def _silence() -> None:
    """Give up standard output, or the interpreter complains about it while it exits."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
