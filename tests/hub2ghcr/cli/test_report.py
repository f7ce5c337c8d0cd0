"""``hub2ghcr report``, run as a user runs it."""

from __future__ import annotations

import json
import subprocess

import pytest
import yaml

from ..conftest import Project
from .running import hub2ghcr

FLEET = {"clusters": {"one": {"stack": "test", "labels": {"ring": "canary"}}}, "waves": [{"name": "all", "rest": True}]}


def run(project: Project, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    return hub2ghcr(project.save().root, "report", *arguments)


def test_each_file_gets_the_form_of_its_ending(project: Project) -> None:
    done = run(project, "-s", "test", "--offline", "a.html", "a.json", "a.md")
    assert (done.returncode, done.stdout) == (0, b"")
    assert done.stderr.decode().splitlines() == ["a.html is written", "a.json is written", "a.md is written"]
    assert (project.root / "a.html").read_text().startswith("<!doctype html>")
    assert json.loads((project.root / "a.json").read_text())["stack"] == "test"
    assert (project.root / "a.md").read_text().startswith("# Report of stack test\n")


def test_without_files_it_goes_to_standard_output(project: Project) -> None:
    done = run(project, "-s", "test", "--offline", "--output", "json")
    assert (done.returncode, done.stderr) == (0, b"")
    assert json.loads(done.stdout)["notLooked"][0]["why"] == "the report was asked for offline"


def test_a_stack_that_cannot_be_planned_is_an_error_and_no_file_is_written(project: Project) -> None:
    project.change(lambda config: config.update(phase="go"))
    done = run(project, "-s", "test", "--offline", "a.html")
    assert done.returncode == 1 and b"phase" in done.stderr and not (project.root / "a.html").exists()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "give --stack or --fleet"),
        (("-s", "test", "--fleet"), "give --stack or --fleet"),
        (("-s", "test", "a.txt"), "a.txt: a report's file ends in .html, .json, .md"),
    ],
)
def test_wrong_use_is_told_before_anybody_is_asked(project: Project, arguments: tuple[str, ...], words: str) -> None:
    done = run(project, *arguments)
    assert done.returncode == 2 and words in done.stderr.decode()


def test_a_fleets_report_has_its_stacks_and_says_that_nothing_ran(project: Project) -> None:
    project.write("stacks/fleet.yaml", yaml.safe_dump(FLEET))
    done = run(project, "--fleet", "--offline", "--output", "json")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["clusters"][0]["report"]["phase"] == "cutover" and found["runs"] == []


def test_a_fleet_with_a_broken_stack_has_a_report_that_says_why(project: Project) -> None:
    project.write("stacks/fleet.yaml", yaml.safe_dump(FLEET))
    project.change(lambda config: config.update(phase="go"))
    done = run(project, "--fleet", "--offline", "--output", "json")
    assert done.returncode == 0, done.stderr
    assert "phase" in json.loads(done.stdout)["clusters"][0]["why"][0]
