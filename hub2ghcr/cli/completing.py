"""What a shell offers for a value at Tab: stacks, files, folders. Nothing heavy is loaded, since somebody waits."""

from __future__ import annotations

from pathlib import Path

import click
from click.shell_completion import CompletionItem

from .. import stack_files


def stacks(ctx: click.Context, _: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Offer the stacks of the project's folder, which ``--cwd`` may name."""
    root = ctx.find_root().params.get("cwd") or Path.cwd()
    return [CompletionItem(name) for name in stack_files.stacks(root) if name.startswith(incomplete)]


def files(_: click.Context, __: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Let the shell offer its files."""
    return [CompletionItem(incomplete, type="file")]


def folders(_: click.Context, __: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Let the shell offer its folders."""
    return [CompletionItem(incomplete, type="dir")]
