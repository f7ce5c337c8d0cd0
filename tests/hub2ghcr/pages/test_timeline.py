"""Where things stand in the picture of a timeline."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from hub2ghcr.pages import Span, drawn

NOW = datetime(2026, 11, 22, 3, tzinfo=UTC)


def span(row: str, begin: float, length: float | None) -> Span:
    start = NOW + timedelta(seconds=begin)
    return Span(row, start, None if length is None else start + timedelta(seconds=length), "good", "done")


def test_rows_stand_in_the_order_in_which_they_begin_and_hold_all_of_theirs() -> None:
    found = drawn([span("b", 60, 30), span("a", 0, 30), span("b", 120, 30)], NOW)
    assert [name for name, _ in found.rows] == ["a", "b"]
    assert [(each.span.row, each.y) for each in found.bars] == [("a", 28), ("b", 52), ("b", 52)]


def test_what_goes_on_ends_now() -> None:
    found = drawn([span("a", -100, 50), span("b", -50, None)], NOW)
    assert [each.width for each in found.bars] == [375.0, 375.0]


def test_nothing_makes_an_empty_picture() -> None:
    assert drawn([], NOW).bars == ()


lengths = st.none() | st.floats(0, 4e7)


@given(st.lists(st.tuples(st.sampled_from("abc"), st.floats(-4e7, 0), lengths), min_size=1, max_size=20))
def test_every_bar_can_be_seen_and_the_moments_above_are_few(given: list[tuple[str, float, float | None]]) -> None:
    found = drawn([span(*each) for each in given], NOW)
    assert all(each.width >= 4 and each.x >= 220 and each.x + each.width <= found.width for each in found.bars)
    assert len(found.ticks) <= 8
    assert len({each.text for each in found.ticks}) == len(found.ticks)
    assert found.height == 28 + 24 * len(found.rows)


def test_moments_are_round_ones_of_utc() -> None:
    assert [each.text for each in drawn([span("a", 62, 900)], NOW).ticks] == ["03:05", "03:10", "03:15"]
    assert [each.text for each in drawn([span("a", 0, 86400 * 20)], NOW).ticks] == ["23 Nov", "30 Nov", "07 Dec"]
    assert [each.text for each in drawn([span("a", 0, 86400 * 600)], NOW).ticks][:2] == ["30 Nov 2026", "01 Mar 2027"]
