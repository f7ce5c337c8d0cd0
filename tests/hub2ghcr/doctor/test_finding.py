"""A doctor's lines, from errors that name their place themselves."""

from __future__ import annotations

import pytest

from hub2ghcr.doctor.finding import failures
from hub2ghcr.errors import ClusterError


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("cluster demo", "cluster demo: does not answer; start it"),
        ("cluster demo: /version", "cluster demo: /version: does not answer; start it"),
        ("cluster demonstration", "cluster demo: cluster demonstration: does not answer; start it"),
        ("", "cluster demo: does not answer; start it"),
    ],
)
def test_a_line_names_its_place_once(path: str, line: str) -> None:
    (found,) = failures("cluster", "demo", ClusterError("does not answer", path, remedy="start it"))
    assert str(found) == line
