"""One line for each problem: place, what is wrong, offending value, remedy."""

from __future__ import annotations

import pytest

from hub2ghcr import errors
from hub2ghcr.errors import Hub2GhcrError, InvalidReference, LockError, Problems, raise_all


def test_an_error_is_one_line_with_place_value_and_remedy() -> None:
    error = Hub2GhcrError("is wrong", "file.yaml: key", "value", "correct it")
    assert str(error) == "file.yaml: key: is wrong: 'value'; correct it"


def test_an_error_shows_control_characters_and_bounds_long_values() -> None:
    line = str(Hub2GhcrError("is wrong", value="a\nb\x1b[31m" + "x" * 500))
    assert "\n" not in line and "\x1b" not in line and len(line) < 250


def test_a_token_that_slips_into_any_part_is_not_shown() -> None:
    token = "ghp_" + "a" * 36
    line = str(Hub2GhcrError(f"wrong {token}", f"x.{token}", token, f"say {token}"))
    assert line == "x.…: wrong …: '…'; say …"


def test_an_error_of_another_class_says_the_same() -> None:
    first = Hub2GhcrError("is wrong", "file.yaml: key", "value", "correct it")
    assert str(LockError.of(first)) == str(first) and type(LockError.of(first)) is LockError


def test_a_place_is_put_before_the_one_that_is_there() -> None:
    assert str(LockError("is wrong", "images[0]").at("lock.yaml")) == "lock.yaml: images[0]: is wrong"


def test_problems_are_sorted_flat_and_without_repetition() -> None:
    inner = Problems([LockError("b"), LockError("c")])
    assert Problems([inner, LockError("a"), LockError("b")]).lines == ("a", "b", "c")
    assert str(inner.at("f")) == "f: b\nf: c"


def test_no_problem_raises_nothing_and_one_raises() -> None:
    raise_all([])
    with pytest.raises(Problems, match="wrong"):
        raise_all([LockError("wrong")])


def test_an_invalid_reference_is_a_value_error_too() -> None:
    assert issubclass(InvalidReference, ValueError)


def test_every_error_stands_in_the_drawn_tree() -> None:
    drawn = errors.__doc__ or ""
    for name, each in vars(errors).items():
        if isinstance(each, type) and issubclass(each, Exception):
            assert f" {name} " in drawn, name
