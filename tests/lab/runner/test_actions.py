"""The actions of a job: those of its steps, and those that the repository's own actions use."""

from __future__ import annotations

import pytest

from lab.errors import LabError
from lab.runner.actions import used

OWN = b"runs: {using: composite, steps: [{uses: actions/setup-python@v5}, {uses: ./more}]}"
FILES = {"action.yml": OWN, "more/action.yml": b"runs: {using: composite, steps: [{run: 'true'}]}"}


def test_what_the_repositorys_own_actions_use_is_used() -> None:
    steps = [{"uses": "actions/checkout@v5"}, {"run": "true"}, {"uses": "./"}]
    assert used(steps, FILES) == ["actions/checkout@v5", "./", "actions/setup-python@v5", "./more"]


def test_an_action_that_the_commit_does_not_have_is_named() -> None:
    with pytest.raises(LabError, match=r"the commit has no more/action\.yml"):
        used([{"uses": "./more"}], {"action.yml": OWN})
