"""What is known of a stack's past: when its images were locked, what the engine ran, what fleets did with it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Final

from ..lock import Entry
from ..pages import Span, State

if TYPE_CHECKING:  # loads Pulumi, which a report from files does without
    from ..engine.past import PastRun

_RESULTS: Final[Mapping[str, State]] = {"succeeded": "good", "failed": "bad"}
_KINDS: Final = {"update": "up", "resource-import": "import"}


def happened(entries: Iterable[Entry], runs: Iterable[PastRun]) -> tuple[Span, ...]:
    """Return what happened, by time."""
    spans = [*_locked(entries), *_ran(runs)]
    return tuple(sorted(spans, key=lambda each: (each.begin, each.row, each.text)))


def _locked(entries: Iterable[Entry]) -> Iterator[Span]:
    """Yield one thing for each day on which images were locked, at the time of the day's last one."""
    moments = [datetime.fromisoformat(each.resolved.at) for each in entries]
    counts = Counter(each.date() for each in moments)
    for day, count in counts.items():
        last = max(each for each in moments if each.date() == day)
        yield Span("images locked", last, last, "good", f"{count} image{'s' if count > 1 else ''} locked")


def _ran(runs: Iterable[PastRun]) -> Iterator[Span]:
    for each in runs:
        row = " ".join(filter(None, (_KINDS.get(each.kind, each.kind), each.phase)))
        changes = {name: count for name, count in each.changes.items() if name != "same" and count}
        done = ", ".join(f"{name} {count}" for name, count in changes.items()) or "nothing changed"
        yield Span(row, each.begun, each.ended, _RESULTS.get(each.result, "quiet"), f"{each.result}: {done}")
