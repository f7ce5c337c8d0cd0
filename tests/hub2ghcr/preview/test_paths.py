"""Which fields of two documents differ."""

from __future__ import annotations

from typing import Any

import pytest

from hub2ghcr.preview.paths import changed_paths


@pytest.mark.parametrize(
    ("before", "after", "paths"),
    [
        ({"a": 1}, {"a": 1}, ()),
        ({"a": 1}, {"a": True}, ("a",)),
        ({"a": {"b": 1, "c": 2}}, {"a": {"b": 2, "c": 2}}, ("a.b",)),
        ({"a": [1, 2]}, {"a": [1, 3, 4]}, ("a[1]", "a[2]")),
        ({"a": {"x.y/z": "1"}}, {"a": {}}, ("a['x.y/z']",)),
        ({"a": {"b": 1}}, {"a": [1]}, ("a",)),
        ({}, {"a": {"b": {"c": 1}}}, ("a",)),
    ],
)
def test_the_smallest_parts_that_differ_are_named(
    before: dict[str, Any], after: dict[str, Any], paths: tuple[str, ...]
) -> None:
    assert changed_paths(before, after) == paths


def test_what_is_told_elsewhere_is_left_out() -> None:
    before = {"image": "nginx:1", "command": "nginx:1"}
    after = {"image": "ghcr.io/nginx:1", "command": "other"}
    assert changed_paths(before, after, {("nginx:1", "ghcr.io/nginx:1")}) == ("command",)


def test_an_image_within_a_longer_text_is_told_elsewhere_too() -> None:
    moved = {("nginx:1", "ghcr.io/nginx:1"), ("nginx:1-alpine", "ghcr.io/nginx:1-alpine")}
    before = {"args": ["--build-arg=BASE=nginx:1-alpine", "--build-arg=BASE=nginx:1"]}
    after = {"args": ["--build-arg=BASE=ghcr.io/nginx:1-alpine", "--build-arg=BASE=ghcr.io/nginx:1 --verbose"]}
    assert changed_paths(before, after, moved) == ("args[1]",)
