"""Files over one another: every value of the result is told to stand in the file that has it there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from hub2ghcr.errors import SettingsError
from hub2ghcr.settings.layers import DEFAULTS, Layer, Layers

KEYS = st.sampled_from("abc")
LEAVES = st.none() | st.integers(0, 9) | st.lists(st.integers(0, 9), max_size=2)
VALUES = st.recursive(LEAVES, lambda below: st.dictionaries(KEYS, below, max_size=3), max_leaves=6)
MAPPINGS = st.dictionaries(KEYS, VALUES, max_size=3)
FILES = st.fixed_dictionaries(
    {}, optional={"a": VALUES, "b": VALUES, DEFAULTS: MAPPINGS, "clusters": st.lists(MAPPINGS, max_size=2)}
)


def places(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every path of a tree, and what stands there."""
    if path:
        yield path, value
    if isinstance(value, dict):
        for key, below in value.items():
            yield from places(below, f"{path}.{key}" if path else key)
    elif isinstance(value, list):
        for number, below in enumerate(value):
            yield from places(below, f"{path}[{number}]")


@given(st.lists(FILES, min_size=1, max_size=4))
def test_every_value_stands_where_it_is_said_to_stand(files: list[dict[str, Any]]) -> None:
    written = {f"{number}.yaml": dict(places(each)) for number, each in enumerate(files)}
    layers = Layers(tuple(Layer(place, each) for place, each in zip(written, files, strict=True)))
    for path, value in places(layers.values):
        (told,) = layers.placed([SettingsError("wrong", path)])
        place, _, there = told.path.partition(": ")
        assert there in written[place], f"{path} is not in {place}"
        if not isinstance(value, dict) and None not in (value if isinstance(value, list) else ()):
            assert written[place][there] == value or path == "clusters"
        if not path.startswith("clusters["):
            assert there == path


@given(st.lists(FILES, min_size=1, max_size=4))
def test_what_no_file_has_is_missed_in_the_mapping_that_would_have_it(files: list[dict[str, Any]]) -> None:
    layers = Layers(tuple(Layer(f"{number}.yaml", each) for number, each in enumerate(files)))
    (told,) = layers.placed([SettingsError("is missing", "credentials.x.username")])
    assert told.path == f"{len(files) - 1}.yaml: credentials.x.username"
