"""Whatever stands in a stack file is read, or refused in lines: never an error of another kind."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import yaml
from hypothesis import given
from hypothesis import strategies as st

from hub2ghcr.errors import Hub2GhcrError
from hub2ghcr.settings import from_config

from .conftest import CONFIG

SOUND: dict[str, Any] = yaml.safe_load(CONFIG)
ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.sampled_from(["{", "[1", "*"]),
    lambda below: st.lists(below, max_size=3) | st.dictionaries(st.text(max_size=8), below, max_size=3),
    max_leaves=6,
)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the path of every value inside a configuration."""
    found = [path] if path else []
    keys = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, below in keys:
        found += places(below, (*path, key))
    return found


@given(st.sampled_from(places(SOUND)), ANY)
def test_one_value_replaced_by_anything_is_read_or_refused_in_lines(path: tuple[Any, ...], value: Any) -> None:
    config = copy.deepcopy(SOUND)
    holder: Any = config
    for part in path[:-1]:
        holder = holder[part]
    holder[path[-1]] = value
    try:
        assert from_config("test", config, Path("."), {}).stack == "test"
    except Hub2GhcrError as error:
        assert error.lines and all("\n" not in line for line in error.lines)


@given(st.dictionaries(st.text(max_size=12) | st.sampled_from(sorted(SOUND)), ANY, max_size=5))
def test_any_configuration_is_read_or_refused_in_lines(config: dict[str, Any]) -> None:
    try:
        from_config("test", config, Path("."), {})
    except Hub2GhcrError as error:
        assert error.lines


@given(st.sampled_from(["extends", "clusterDefaults"]), ANY)
def test_anything_beneath_a_sound_stack_is_read_or_refused_in_lines(key: str, value: Any) -> None:
    try:
        assert from_config("test", {**SOUND, f"hub2ghcr:{key}": value}, Path("."), {}).stack == "test"
    except Hub2GhcrError as error:
        assert error.lines and all("\n" not in line for line in error.lines)
