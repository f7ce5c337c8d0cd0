from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from hub2ghcr.switching.together import ABOUT, ALONE, together

NAMES = st.lists(st.from_regex(r"[a-z][a-z0-9-]{0,20}", fullmatch=True), unique=True, max_size=120).map(sorted)
MANY = [f"team-{number:04}" for number in range(1000)]


def test_of_few_namespaces_each_is_watched_by_itself() -> None:
    assert together(MANY[:ALONE]) == [[each] for each in MANY[:ALONE]]


def test_of_many_some_are_watched_together() -> None:
    groups = together(MANY)
    assert len(MANY) / ABOUT / 2 < len(groups) < len(MANY) / ABOUT * 2
    assert max(map(len, groups)) < 8 * ABOUT


@given(NAMES)
def test_each_namespace_is_in_one_group_and_in_its_order(names: list[str]) -> None:
    assert [each for group in together(names) for each in group] == names


def test_one_that_comes_changes_its_own_group_alone() -> None:
    before = {tuple(each) for each in together(MANY)}
    for new in ("a-first", "team-0500-and-more", "z-last"):
        after = {tuple(each) for each in together(sorted([*MANY, new]))}
        assert len(before - after) <= 1
