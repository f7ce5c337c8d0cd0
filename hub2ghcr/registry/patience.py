r"""How often, and after which pause, a request is tried again.

``Retry-After`` comes in three forms: whole seconds and a date (RFC 9110 §10.2.3), and GHCR's own, a Go duration with a
remark behind it: ``880\u00b5s, allowed: 44000/minute``.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

# The micro sign comes as U+00B5, as the Greek letter, or as UTF-8 read as Latin-1.
_MICRO = ("us", "\u00b5s", "\u03bcs", "\u00c2\u00b5s")
_UNITS: Final = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 1e-3, "ns": 1e-9, **dict.fromkeys(_MICRO, 1e-6)}
_STEP = re.compile(rf"(\d+(?:\.\d+)?)(h|ms|m|s|ns|{'|'.join(_MICRO)})")
_DURATION = re.compile(rf"(?:{_STEP.pattern})+(?=,|;|\s|$)")
_SECONDS = re.compile(r"\d+(?:\.\d+)?(?=,|;|\s|$)")


@dataclass(frozen=True, slots=True)
class Patience:
    """Bounds of the waiting, all pauses in seconds.

    ``attempts`` in all; the ``first`` pause, doubled each time, with jitter; the ``longest`` pause that a registry may
    ask for before we give up. ``spread`` draws the jitter from an interval. ``silence`` is how long an answer, or the
    next byte of it, may take; a body that brings less than ``slowest`` bytes a second over that time is given up, too.
    """

    attempts: int = 5
    first: float = 0.3
    longest: float = 30.0
    spread: Callable[[float, float], float] = random.uniform
    silence: float = 60.0
    slowest: int = 1024

    def pause(self, failed: int, asked: float | None) -> float | None:
        """Seconds to wait after ``failed`` attempts (from 1); None to give up. ``asked`` is the registry's own wish.

        Jitter is never below what was asked: many shards told the same pause must not come back together, nor early.
        """
        if failed >= self.attempts or (asked or 0) > self.longest:
            return None
        step = min(self.first * 2 ** (failed - 1), self.longest)
        return self.spread(step / 2, step) if asked is None else asked + self.spread(0, step / 2)


def retry_after(header: str | None, date: str | None = None) -> float | None:
    """Seconds that a ``Retry-After`` header asks for, never negative; None when there is none or it says nothing.

    A date is read against the answer's own ``Date`` header, where it has one: the server's clock may not be ours.
    """
    text = (header or "").strip()
    if match := _SECONDS.match(text):
        return float(match[0])
    if match := _DURATION.match(text):
        return sum(float(number) * _UNITS[unit] for number, unit in _STEP.findall(match[0]))
    moment = _moment(text)
    return None if moment is None else max(0.0, (moment - (_moment(date) or datetime.now(UTC))).total_seconds())


def _moment(text: str | None) -> datetime | None:
    try:
        found = parsedate_to_datetime(text or "")
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
