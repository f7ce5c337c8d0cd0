"""A fleet is planned without an engine, many clusters at once, and in a phase that no file says yet."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from hub2ghcr.errors import EngineError
from hub2ghcr.fleet.history import History
from hub2ghcr.fleet.overview import overview
from hub2ghcr.fleet.planning import ClusterPlan, planned
from hub2ghcr.fleet.reading import load
from tests.hub2ghcr.conftest import Project


@pytest.fixture
def root(project: Project) -> Path:
    project.change(lambda config: config.update(phase="prepare")).save()
    project.write("stacks/Pulumi.broken.yaml", "config: {hub2ghcr:clustrs: []}\n")
    project.write(
        "stacks/fleet.yaml",
        yaml.safe_dump({"clusters": {"a": {"stack": "test"}, "broken": {}}, "waves": [{"name": "w", "rest": True}]}),
    )
    return project.root


def test_a_fleet_is_planned_in_a_phase_that_no_file_says(root: Path) -> None:
    before = (root / "stacks/Pulumi.test.yaml").read_bytes()
    found = planned(load(root), root, "cutover")
    a, broken = found["a"], found["broken"]
    assert (a.phase, a.after, a.namespaces, a.workloads, a.switched, len(a.images)) == (
        "prepare",
        "cutover",
        2,
        2,
        2,
        2,
    )
    assert broken == ClusterPlan(problems=broken.problems) and "clustrs" in broken.problems[0]
    assert planned(load(root), root, None)["a"].switched == 0
    assert (root / "stacks/Pulumi.test.yaml").read_bytes() == before


def test_an_overview_tells_what_files_say_and_engines_have_applied(root: Path) -> None:
    def applied(stack: str, _: Path) -> str:
        if stack == "test":
            return "cutover"
        raise EngineError("no such stack")

    a, broken = overview(load(root), root, History(), applied=applied)
    assert (a.cluster, a.wave, a.stack, a.phase, a.applied, a.standing) == (
        "a",
        "w",
        "test",
        "prepare",
        "cutover",
        None,
    )
    assert (broken.phase, broken.applied) == ("", "")
    assert [line for line in broken.problems if "clustrs" in line] and "no such stack" in broken.problems
    assert overview(load(root), root, History())[0].applied == ""
