"""A timeline: where in a picture stands what happened when. How it looks is the page's."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, Literal

State = Literal["good", "warn", "bad", "quiet"]

ROW: Final = 24
"""Units between two rows."""
LABEL: Final = 220
"""Units that the names of rows take; what is longer is cut by the page."""
WIDTH: Final = 1000
"""Units of the whole picture. The bars end before it: there is room for the sign behind the last."""
_RIGHT: Final = 30
_HEAD: Final = 28
_LEAST: Final = 4
"""Units of a bar that would be shorter."""
_TICKS: Final = 7
_STEPS: Final = tuple(
    timedelta(seconds=each)
    for each in (
        *(1, 2, 5, 10, 15, 30),
        *(60 * each for each in (1, 2, 5, 10, 15, 30)),
        *(3600 * each for each in (1, 2, 3, 6, 12)),
        *(86400 * each for each in (1, 2, 7, 14, 28, 91, 182, 364)),
    )
)


@dataclass(frozen=True, slots=True)
class Span:
    """One thing that happened: in which row, from when to when (None: it goes on), how it went, and in words what."""

    row: str
    begin: datetime
    end: datetime | None
    state: State
    text: str


@dataclass(frozen=True, slots=True)
class Bar:
    """A thing in the picture."""

    x: float
    y: float
    width: float
    span: Span


@dataclass(frozen=True, slots=True)
class Tick:
    """A moment at the picture's edge; ``text`` is UTC."""

    x: float
    text: str


@dataclass(frozen=True, slots=True)
class Drawing:
    """The picture: its rows by name and place, its bars and the moments above them."""

    width: int
    height: int
    rows: tuple[tuple[str, float], ...]
    bars: tuple[Bar, ...]
    ticks: tuple[Tick, ...]


def drawn(spans: Sequence[Span], now: datetime) -> Drawing:
    """Return the picture of what happened, rows in the order in which they begin.

    Args:
        spans: what happened; times have a zone.
        now: where what goes on ends.
    """
    if not spans:
        return Drawing(WIDTH, 0, (), (), ())
    begin = min(each.begin for each in spans)
    end = max([begin, *(each.end or now for each in spans)])
    scale = (WIDTH - LABEL - _RIGHT) / max((end - begin).total_seconds(), 1.0)

    def x(moment: datetime) -> float:
        return round(LABEL + (moment - begin).total_seconds() * scale, 1)

    ordered = sorted(spans, key=lambda each: (each.begin, each.row))
    rows = {name: _HEAD + ROW * number for number, name in enumerate(dict.fromkeys(each.row for each in ordered))}
    bars = tuple(
        Bar(x(each.begin), rows[each.row], round(max(_LEAST, x(each.end or now) - x(each.begin)), 1), each)
        for each in ordered
    )
    ticks = tuple(Tick(x(moment), text) for moment, text in _moments(begin, end))
    return Drawing(WIDTH, _HEAD + ROW * len(rows), tuple(rows.items()), bars, ticks)


def _moments(begin: datetime, end: datetime) -> Iterable[tuple[datetime, str]]:
    """Yield round moments of UTC between two, few enough to be read."""
    length = end - begin
    step = next(
        (each for each in _STEPS if length <= each * _TICKS), _STEPS[-1] * (length // (_STEPS[-1] * _TICKS) + 1)
    )
    shown = _shown(step, length)
    zero = datetime(2000, 1, 3, tzinfo=UTC)  # a Monday: weeks begin where people expect it
    moment = zero + -(-(begin - zero) // step) * step
    while moment <= end:
        yield moment, moment.strftime(shown)
        moment += step


def _shown(step: timedelta, length: timedelta) -> str:
    """Return how a moment is written so that two of them never look alike."""
    if step >= timedelta(days=91):
        return "%d %b %Y"
    if step >= timedelta(days=1):
        return "%d %b"
    if length > timedelta(days=1):
        return "%d %b %H:%M"
    return "%H:%M" if step >= timedelta(minutes=1) else "%H:%M:%S"
