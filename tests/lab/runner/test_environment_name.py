"""The environment of a job: its name as it is written, or as the inputs of its run say."""

from __future__ import annotations

from typing import Any

import pytest

from lab.errors import LabError
from lab.runner.environment_name import environment_name

EITHER = "${{ inputs.environment || inputs.stack }}"


@pytest.mark.parametrize(
    ("said", "inputs", "name"),
    [
        (None, {}, ""),
        ("preview", {}, "preview"),
        ({"name": "preview", "url": "https://acme.example"}, {}, "preview"),
        (EITHER, {"stack": "dev"}, "dev"),
        (EITHER, {"stack": "dev", "environment": "guarded"}, "guarded"),
        (EITHER, {"stack": "dev", "environment": ""}, "dev"),
        (EITHER, {}, ""),
        ("of-${{inputs.stack}}", {"stack": "dev"}, "of-dev"),
    ],
)
def test_an_environment_is_named_by_text_or_by_inputs(said: Any, inputs: dict[str, str], name: str) -> None:
    assert environment_name({"environment": said} if said else {}, inputs) == name


@pytest.mark.parametrize("said", ["${{ github.ref_name }}", "${{ inputs.stack && 'dev' }}", "${{ inputs.a || 'dev' }}"])
def test_an_expression_that_is_not_known_is_refused_rather_than_taken_for_a_name(said: str) -> None:
    with pytest.raises(LabError, match="does not know the expression"):
        environment_name({"environment": said}, {"stack": "dev"})
