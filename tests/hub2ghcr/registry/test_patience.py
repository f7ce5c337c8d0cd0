"""How long a failure is waited for."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub2ghcr.registry.patience import Patience, retry_after

NOW = "Fri, 20 Nov 2026 10:00:00 GMT"


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("0", 0.0),
        ("120", 120.0),
        ("1.5", 1.5),
        ("880\u00b5s, allowed: 44000/minute", 880e-6),
        ("880\u03bcs, allowed: 44000/minute", 880e-6),
        ("880\u00c2\u00b5s, allowed: 44000/minute", 880e-6),
        ("880us", 880e-6),
        ("1m30.5s", 90.5),
        ("250ms, allowed: 1/second", 0.25),
        ("Fri, 20 Nov 2026 10:00:07 GMT", 7.0),
        ("Fri, 20 Nov 2026 09:59:00 GMT", 0.0),
        ("soon", None),
        ("-5", None),
        ("", None),
        (None, None),
    ],
)
def test_every_form_of_retry_after_is_understood(header: str | None, seconds: float | None) -> None:
    found = retry_after(header, NOW)
    assert found == (None if seconds is None else pytest.approx(seconds))


def test_a_date_is_read_against_the_clock_that_wrote_it() -> None:
    # An hour behind and years ahead of ours: both ask for seven seconds.
    assert retry_after("Fri, 20 Nov 2026 09:00:07 GMT", "Fri, 20 Nov 2026 09:00:00 GMT") == 7
    assert retry_after("Mon, 20 Nov 2046 10:00:07 GMT", "Mon, 20 Nov 2046 10:00:00 GMT") == 7
    # Negative control: against our own clock the first has passed, and the second is far away.
    assert retry_after("Fri, 20 Nov 2020 09:00:07 GMT") == 0
    assert (retry_after("Mon, 20 Nov 2046 10:00:07 GMT") or 0) > 7
    assert retry_after("Fri, 20 Nov 2020 09:00:07 GMT", "no date") == 0


@given(st.text())
def test_no_header_ends_the_program_or_asks_for_a_negative_pause(header: str) -> None:
    found = retry_after(header, NOW)
    assert found is None or found >= 0


@given(st.integers(1, 9), st.none() | st.floats(0, 100))
def test_a_pause_is_bounded_and_never_shorter_than_what_was_asked(failed: int, asked: float | None) -> None:
    patience = Patience(attempts=5, first=0.5, longest=20)
    pause = patience.pause(failed, asked)
    if failed >= 5 or (asked or 0) > 20:
        assert pause is None
    else:
        assert pause is not None
        assert (asked or 0) <= pause <= 20 + 10
