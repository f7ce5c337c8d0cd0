"""What ``hub2ghcr copy`` says at its end: a table of what was not there and a line that counts, or one last event."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Literal

import click

from ..allowance import Budget
from ..amounts import duration, size_of
from ..copying import Copied, Left, Result
from .copy_progress import outcome

_WOULD = {"copied": "to copy", "tagged": "to tag", "attached": "to attach to"}
_ORDER = ("copied", "tagged", "attached", "present", "left", "failed")


def show(results: Sequence[Result], budget: Budget, output: Literal["table", "json"], dry_run: bool) -> None:
    """Print what was done, or with ``dry_run`` what would be, on stdout, sorted by target; what is left on stderr."""
    counts = Counter(outcome(each) for each in results)
    copied = [each for each in results if isinstance(each, Copied)]
    size, again = sum(each.size for each in copied), sum(each.repeated for each in copied)
    left = [each for each in results if isinstance(each, Left)]
    after = renewal(budget) if left else None
    if output == "json":
        end = {
            "event": "end",
            "dryRun": dry_run,
            "images": {name: counts[name] for name in _ORDER},
            "bytes": size,
            "repeatedBytes": again,
            "pulls": budget.spent,
            "resumeAfter": after and f"{after:%Y-%m-%dT%H:%M:%SZ}",
        }
        click.echo(json.dumps(end))
    else:
        rows = sorted((each for each in results if outcome(each) != "present"), key=lambda each: each.job.target)
        if rows:
            _table(rows, dry_run)
        for line in _notes(copied):
            click.echo(f"note: {line}")
        told = [f"{counts[name]} {_name(name, dry_run)}" for name in _ORDER if counts[name]]
        sent = f"; {size_of(size)} sent" + (f", of them {size_of(again)} again, which would not mount" if again else "")
        pulls = f", {budget.spent} pulls" if budget.spent else ""
        click.echo(f"{len(results)} images: {', '.join(told) or 'none'}{'' if dry_run else sent + pulls}")
    if left:
        click.echo(_resume(left, budget, after), err=True)


def renewal(budget: Budget) -> datetime | None:
    """Return when at the latest a registry allows pulls again, in UTC; None where the run's own number bounds it.

    Docker Hub tells how long its window is, not when it began.
    """
    allowed = budget.allowances.values()
    windows = [each.window for each in allowed if each.window]
    own = budget.own_left
    if not windows or (own is not None and own <= min(each.remaining for each in allowed)):
        return None
    return datetime.now(UTC) + timedelta(seconds=max(windows))


def _resume(left: Sequence[Left], budget: Budget, after: datetime | None) -> str:
    count, pulls = len(left), sum(each.pulls for each in left)
    what = f"{count} image{'s are' if count > 1 else ' is'} left, with {pulls} pulls at most"
    if after is None:
        return f"{what}; run it again" + ("" if budget.own_left is None else ", with another --pull-budget")
    seconds = (after - datetime.now(UTC)).total_seconds()
    return f"{what}; resume after {after:%Y-%m-%d %H:%M} UTC (in {duration(seconds)}), or use --wait"


def _notes(copied: Sequence[Copied]) -> list[str]:
    notes = []
    for each in copied:
        if each.replaced:
            notes.append(f"{each.job.target} stood for {each.replaced} before")
        for tag in each.kept:
            name = each.job.target.rpartition(":")[0] or each.job.target
            notes.append(f"{name}:{tag} stands for something else there and was left; delete it to have the source's")
        if each.dropped:
            count = len(each.dropped)
            notes.append(f"{each.job.target} has other platforms than its source, so {count} attached are not carried")
    return sorted(notes)


def _name(name: str, dry_run: bool) -> str:
    return _WOULD.get(name, name) if dry_run else name


def _table(rows: Sequence[Result], dry_run: bool) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table("image", "digest", "state", "blobs", "sent", box=None, pad_edge=False)
    table.columns[0].overflow = "fold"
    for each in rows:
        digest, target = each.job.target_digest.partition(":")[2][:12], each.job.target.partition("@")[0]
        if not isinstance(each, Copied):
            table.add_row(target, digest, outcome(each), "", "")
            continue
        blobs = f"{each.uploaded} sent, {each.mounted} mounted, {each.found} there" if each.manifests > 1 else ""
        attached = f" +{each.attached} attached" if each.attached else ""
        state = _name(each.outcome, dry_run) + attached
        table.add_row(target, digest, state, blobs, size_of(each.size) if each.size else "")
    # A pipe has no width of its own: no line is broken there.
    Console(width=None if sys.stdout.isatty() else 240).print(table)
