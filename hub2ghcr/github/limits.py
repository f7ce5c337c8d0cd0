"""GitHub's rate limits: whether an answer is one, which, and how long it asks to wait.

The primary limit counts calls an hour, and tells when it counts anew. The secondary one is about calls at the same time
and writes a minute; it tells seconds, or nothing, which means a minute, and longer each time.

Source: https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api, "Exceeding the rate limit".
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final, Literal

from ..registry.patience import retry_after

MINUTE: Final = 60.0
"""Seconds to wait where a secondary limit does not tell; doubled each time."""
MARGIN: Final = 1.0
"""Seconds behind the moment at which GitHub counts anew: it tells whole seconds."""

_SECONDARY: Final = ("secondary rate limit", "abuse detection")


@dataclass(frozen=True, slots=True)
class Limit:
    """A limit that a call has met, and the seconds that GitHub asks to wait."""

    kind: Literal["primary", "secondary"]
    seconds: float


def limit_of(status: int, headers: Mapping[str, str], said: str, failed: int) -> Limit | None:
    """Return the limit that an answer tells of, None for any other refusal.

    Args:
        status: of the answer.
        headers: of the answer, their names in any case as httpx gives them.
        said: the answer's words.
        failed: how many times in a row the call has met a limit, from 1.
    """
    if status not in (403, 429):
        return None
    if headers.get("x-ratelimit-remaining") == "0":
        reset = headers.get("x-ratelimit-reset", "")
        seconds = float(reset) - _now(headers) if reset.isdecimal() else MINUTE
        return Limit("primary", max(seconds, 0.0) + MARGIN)
    asked = retry_after(headers.get("retry-after"), headers.get("date"))
    if asked is not None:
        return Limit("secondary", asked)
    if status == 429 or any(words in said.lower() for words in _SECONDARY):
        return Limit("secondary", MINUTE * 2 ** (failed - 1))
    return None


class Hold:
    """What all threads of a client wait for: whoever goes on asking while GitHub limits it may be shut out."""

    def __init__(self, sleep: Callable[[float], object], clock: Callable[[], float] = time.monotonic) -> None:
        self._sleep = sleep
        self._clock = clock
        self._until = 0.0
        self._lock = threading.Lock()

    def set(self, seconds: float) -> bool:
        """Let nobody ask for some seconds; return whether that is longer than what was known."""
        with self._lock:
            until = self._clock() + seconds
            longer = until > self._until + MARGIN
            self._until = max(self._until, until)
            return longer

    def wait(self) -> None:
        """Wait until one may ask."""
        while (left := self._until - self._clock()) > 0:
            self._sleep(left)


def _now(headers: Mapping[str, str]) -> float:
    """Return the moment of an answer by the server's clock, else by ours."""
    try:
        return parsedate_to_datetime(headers.get("date", "")).timestamp()
    except ValueError:
        return datetime.now(UTC).timestamp()
