"""When GitHub's tokens expire, by the header of its answers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub2ghcr.expiry import SOON, expires, warning

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("2026-12-01 10:00:00 UTC", datetime(2026, 12, 1, 10, tzinfo=UTC)),
        ("2026-12-01 12:00:00 +0200", datetime(2026, 12, 1, 10, tzinfo=UTC)),
        ("2026-12-01 02:30:00 -0730", datetime(2026, 12, 1, 10, tzinfo=UTC)),
        (" 2026-12-01 10:00:00 GMT ", datetime(2026, 12, 1, 10, tzinfo=UTC)),
        (None, None),
        ("", None),
        ("never", None),
        ("2026-02-31 10:00:00 UTC", None),
        ("2026-12-01T10:00:00Z", None),
        ("2026-12-01 10:00:00 +9999", None),
    ],
)
def test_the_header_is_read_as_github_writes_it(header: str | None, expected: datetime | None) -> None:
    assert expires(header) == expected


@pytest.mark.parametrize(
    ("left", "expected"),
    [
        (timedelta(days=15), ""),
        (timedelta(days=14), "the token of pull expires at 2026-12-05 12:00 UTC, in 14 days: set a new one before"),
        (timedelta(days=1), "the token of pull expires at 2026-11-22 12:00 UTC, in 1 day: set a new one before"),
        (
            timedelta(hours=1),
            "the token of pull expires at 2026-11-21 13:00 UTC, in less than a day: set a new one before",
        ),
        (
            timedelta(0),
            "the token of pull expired at 2026-11-21 12:00 UTC: nothing can be pulled with it; set a new one",
        ),
    ],
)
def test_a_warning_comes_in_time_and_says_how_long_is_left(left: timedelta, expected: str) -> None:
    assert warning("pull", NOW + left, NOW) == expected


def test_a_token_that_does_not_expire_needs_no_warning() -> None:
    assert warning("pull", None, NOW) == ""


@given(st.timedeltas(timedelta(days=-900), timedelta(days=900)))
def test_it_is_silent_if_and_only_if_there_is_time(left: timedelta) -> None:
    assert (warning("pull", NOW + left, NOW) == "") is (left > SOON)


@given(st.text(max_size=30))
def test_no_header_breaks_it(header: str) -> None:
    expires(header)
