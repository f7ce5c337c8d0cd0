"""What surrounds act: which jobs are run and in which order, what is refused before, and what its log says."""

from __future__ import annotations

import json
from subprocess import CompletedProcess
from typing import Any

import pytest

from lab.errors import LabError
from lab.runner.run import RUNNER, _order, _read, _runnable


def _line(**told: Any) -> str:
    return json.dumps({"jobID": "j", "msg": "said", **told})


def test_jobs_come_after_those_that_they_need() -> None:
    jobs: dict[str, Any] = {"c": {"needs": ["b", "a"]}, "b": {"needs": "a"}, "a": {}}
    assert _order(jobs) == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"container": "node"}, "no container"),
        ({"strategy": {"matrix": {"a": [1]}}, "services": {"db": {}}}, "no services, strategy"),
        ({"uses": "./.github/workflows/x.yml"}, "no uses"),
        ({"runs-on": "windows-latest"}, "runs-on: windows-latest"),
        ({"steps": [{"run": "echo ${{ needs.a.outputs.b }}"}]}, "outputs of other jobs"),
    ],
)
def test_a_job_that_would_run_otherwise_than_on_github_is_refused(more: dict[str, Any], why: str) -> None:
    with pytest.raises(LabError, match=why):
        _runnable("j", {"runs-on": RUNNER, **more})


def test_steps_are_those_of_the_job_and_not_of_its_actions() -> None:
    lines = [
        "not JSON",
        _line(stage="Main", step="Sign in", stepID=["0"], stepResult="success"),
        _line(stage="Main", step="inside", stepID=["1", "done"], stepResult="failure"),
        _line(stage="Main", step="Push", stepID=["1"], stepResult="failure"),
        _line(stage="Post", step="Push", stepID=["1"], stepResult="success"),
    ]
    done = _read("j", CompletedProcess([], 1, "\n".join(lines), "complaint"))
    assert [(one.name, one.conclusion) for one in done.steps] == [("Sign in", "success"), ("Push", "failure")]
    assert done.conclusion == "failure" and done.log.startswith("not JSON\nsaid") and done.log.endswith("complaint")


def test_a_job_without_a_step_was_skipped() -> None:
    assert _read("j", CompletedProcess([], 0, "", "")).conclusion == "skipped"
