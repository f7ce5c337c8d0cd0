"""When a GitHub token expires: GitHub says it in a header of every answer to a token that does.

Source: https://docs.github.com/en/rest/authentication/authenticating-to-the-rest-api. The date is written with the name
of a zone or with its offset; GitHub's own Go client reads both.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Final

HEADER: Final = "github-authentication-token-expiration"
"""The header's name; without it a token does not expire, or the answer is not GitHub's."""
SOON: Final = timedelta(days=14)
"""How long before a token expires its renewal is due."""

_WRITTEN = re.compile(r"(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d) (UTC|GMT|[+-]\d{4})")


def expires(header: str | None) -> datetime | None:
    """Return when the token expires, in UTC; None when it does not, or the header is not understood.

    >>> expires("2026-12-01 12:00:00 +0200")
    datetime.datetime(2026, 12, 1, 10, 0, tzinfo=datetime.timezone.utc)
    """
    found = _WRITTEN.fullmatch((header or "").strip())
    if found is None:
        return None
    offset = found[2] if found[2][0] in "+-" else "+0000"
    try:
        return datetime.strptime(f"{found[1]} {offset}", "%Y-%m-%d %H:%M:%S %z").astimezone(UTC)
    except ValueError:  # the 31st of February
        return None


def warning(name: str, expiry: datetime | None, now: datetime, soon: timedelta = SOON) -> str:
    """Return one line for a token whose renewal is due, empty for any other.

    Args:
        name: how the token is called: its credential's name.
        expiry: what `expires` returned.
        now: the moment of asking, with a zone.
        soon: how long before it expires a token is to be renewed.
    """
    if expiry is None or expiry - now > soon:
        return ""
    date = expiry.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")
    if expiry <= now:
        return f"the token of {name} expired at {date}: nothing can be pulled with it; set a new one"
    days = (expiry - now).days
    left = {0: "less than a day", 1: "1 day"}.get(days, f"{days} days")
    return f"the token of {name} expires at {date}, in {left}: set a new one before"
