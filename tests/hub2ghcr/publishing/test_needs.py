"""What the build would not find in its repository is told before the workflow is written."""

from __future__ import annotations

import pytest

from hub2ghcr.publishing import Publish, missing

from .options import SHOP

THERE = {"Dockerfile", "app", "app/Dockerfile", "app/docker/shop.dockerfile"}


@pytest.mark.parametrize(
    ("context", "dockerfile", "line"),
    [
        (".", "Dockerfile", None),
        ("app", "Dockerfile", None),
        ("app", "docker/shop.dockerfile", None),
        (
            ".",
            "docker/shop.dockerfile",
            "workflow.dockerfile: no such file in the repository: 'docker/shop.dockerfile';"
            " name it as seen from `context`, or push it first",
        ),
        (
            "app",
            "Containerfile",
            "workflow.dockerfile: no such file in the repository: 'app/Containerfile';"
            " name it as seen from `context`, or push it first",
        ),
        (
            "api",
            "Dockerfile",
            "workflow.context: no such folder in the repository: 'api';"
            " name the folder that is built, or push it first",
        ),
    ],
)
def test_context_and_dockerfile_are_in_the_repository_or_have_a_line(
    context: str, dockerfile: str, line: str | None
) -> None:
    found = missing(Publish(SHOP, context=context, dockerfile=dockerfile), THERE.__contains__)
    assert [str(each) for each in found] == ([line] if line else [])
