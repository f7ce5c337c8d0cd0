"""Where a list goes on."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub2ghcr.registry.link import next_page


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        (['</v2/a/tags/list?last=b&n=2>; rel="next"'], "/v2/a/tags/list?last=b&n=2"),
        (["<https://h/x>;rel=next"], "https://h/x"),
        (['<x>; title="a; rel=next, b"; rel=prev, <y>; REL="last Next"'], "y"),
        (['<x>; rel="prev"', '<y>; rel="next"'], "y"),
        (['<x>; rel="prev"'], None),
        (['<x>; rel="nextpage"'], None),
        (["<x>"], None),
        (["x"], None),
        ([], None),
    ],
)
def test_the_next_page_is_found_among_all_links(headers: list[str], expected: str | None) -> None:
    assert next_page(headers) == expected


@given(st.lists(st.text(alphabet='<>;,="relnxt \t')))
def test_no_header_ends_the_program(headers: list[str]) -> None:
    next_page(headers)
