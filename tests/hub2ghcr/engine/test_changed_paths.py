"""Which properties an operation changes, by the engine's events."""

from __future__ import annotations

from typing import Any

import pytest
from pulumi.automation.events import StepEventMetadata

from hub2ghcr.engine.changed_paths import UNKNOWN, changed, given_by_the_run

TOKEN = "pulumi-python:dynamic/hub2ghcr:RollOut"


def metadata(old: Any, new: Any, op: str = "update", **more: Any) -> StepEventMetadata:
    sides = {
        key: None if inputs is None else {"type": TOKEN, "urn": "u", "custom": True, "inputs": inputs}
        for key, inputs in (("old", old), ("new", new))
    }
    return StepEventMetadata.from_json({"op": op, "urn": "u", "type": TOKEN, "provider": "", **sides, **more})


@pytest.mark.parametrize(
    ("old", "new", "paths"),
    [
        ({"a": 1}, {"a": 1}, ()),
        ({"a": 1}, {"a": 2, "b": 3}, ("a", "b")),
        ({"a": {"b": 1, "c": 2}}, {"a": {"b": 2, "c": 2}}, ("a.b",)),
        ({"a": [1, {"b": 1}]}, {"a": [1, {"b": 2}]}, ("a[1].b",)),
        ({"a": [1]}, {"a": [1, 2]}, ("a",)),
        ({"marks": {"a.b/Pod/c": 1}}, {"marks": {"a.b/Pod/c": 2}}, ('marks["a.b/Pod/c"]',)),
        ({"__provider": 1}, {"__provider": 2}, ()),
        (None, {"a": 1}, ()),
        ({"a": 1}, None, ()),
    ],
)
def test_where_the_provider_names_none_the_inputs_are_compared(old: Any, new: Any, paths: tuple[str, ...]) -> None:
    assert changed(metadata(old, new)) == paths


def test_what_the_provider_names_is_taken() -> None:
    detailed = {"spec.b": {"diffKind": "update"}, "__internal": {"diffKind": "add"}, "spec.a": {"diffKind": "add"}}
    assert changed(metadata({"x": 1}, {"x": 2}, detailedDiff=detailed)) == ("spec.a", "spec.b")
    assert changed(metadata({"x": 1}, {"x": 2}, diffs=["b", "a"])) == ("a", "b")


def test_what_stays_the_same_changes_no_path() -> None:
    assert changed(metadata({"x": 1}, {"x": 2}, op="same")) == ()


def test_values_that_only_the_run_gives_are_found_by_their_paths() -> None:
    inputs = {"a": 1, "marks": {"one": UNKNOWN, "two": ""}, "list": ["x", UNKNOWN]}
    assert sorted(given_by_the_run(inputs)) == ["list[1]", "marks.one"]
