"""One file's values over another's: mappings by key, lists as wholes, null removes."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub2ghcr.settings.merging import merge

KEYS = st.sampled_from("abc")
LEAVES = st.booleans() | st.integers(0, 3) | st.lists(st.integers(0, 3), max_size=2)
VALUES = st.recursive(LEAVES | st.none(), lambda below: st.dictionaries(KEYS, below, max_size=3), max_leaves=8)
ANY = st.dictionaries(KEYS, VALUES, max_size=3)
LIKE = st.fixed_dictionaries(
    {},
    optional={
        "a": LEAVES,
        "b": st.dictionaries(KEYS, LEAVES, max_size=3),
        "c": st.fixed_dictionaries({}, optional={"a": LEAVES, "b": st.dictionaries(KEYS, LEAVES, max_size=3)}),
    },
)
"""Mappings of one shape: a key holds a mapping in all of them or in none."""


@pytest.mark.parametrize(
    ("beneath", "over", "result"),
    [
        ({"a": 1}, {}, {"a": 1}),
        ({"a": 1}, {"a": 2, "b": 3}, {"a": 2, "b": 3}),
        ({"a": {"b": 1, "c": 2}}, {"a": {"b": 3}}, {"a": {"b": 3, "c": 2}}),
        ({"a": [1, 2]}, {"a": [3]}, {"a": [3]}),
        ({"a": {"b": 1, "c": 2}}, {"a": {"b": None}}, {"a": {"c": 2}}),
        ({"a": {"b": 1}}, {"a": None}, {}),
        ({"a": {"b": 1}}, {"a": {}}, {"a": {"b": 1}}),
        ({"a": {"b": 1}}, {"a": 1}, {"a": 1}),
        ({"a": 1}, {"a": {"b": 1, "c": None}}, {"a": {"b": 1}}),
        ({"a": [1]}, {"a": [{"b": None}]}, {"a": [{"b": None}]}),
        ({1: {"a": 1}}, {"1": {"b": 2}}, {"1": {"a": 1, "b": 2}}),
    ],
)
def test_a_value_over_another(beneath: Any, over: Any, result: Any) -> None:
    assert merge(beneath, over) == result


@given(LIKE, LIKE, LIKE)
def test_files_of_one_shape_merge_the_same_in_any_grouping(one: Any, two: Any, three: Any) -> None:
    assert merge(merge(one, two), three) == merge(one, merge(two, three))


@given(ANY, ANY)
def test_what_was_merged_once_stays_when_merged_again(beneath: Any, over: Any) -> None:
    once = merge(beneath, over)
    assert merge(once, over) == once


@given(ANY, ANY)
def test_no_input_changes_and_nothing_over_is_lost(beneath: Any, over: Any) -> None:
    before = copy.deepcopy((beneath, over))
    result = merge(beneath, over)
    assert (beneath, over) == before
    for key, value in over.items():
        if value is None:
            assert key not in result
        elif not isinstance(value, dict):
            assert result[key] == value


def test_null_reveals_nothing_that_lies_deeper() -> None:
    """Why files are merged from the lowest up: a removal must reach all that is beneath it."""
    assert merge(merge({"a": 1}, {"a": 2}), {"a": None}) == {}
    assert merge({"a": 1}, merge({"a": 2}, {"a": None})) == {"a": 1}
