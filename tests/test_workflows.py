"""The workflows and the action of this repository: valid, pinned, and with nothing for a pull request to take."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from lab import toolchain

ROOT = Path(__file__).resolve().parents[1]
WORKFLOWS = {file.name: file for file in sorted((ROOT / ".github" / "workflows").glob("*.yml"))}
ACTION = ROOT / "action.yml"
PINNED = re.compile(r"uses: [\w.-]+/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+")


def loaded(file: Path) -> dict[str, Any]:
    """Return a workflow with its triggers under ``on``, which YAML 1.1 reads as true."""
    found: dict[Any, Any] = yaml.safe_load(file.read_text())
    found["on"] = found.pop(True, found.get("on"))
    return found


def steps(text: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the steps of all jobs."""
    for job in text["jobs"].values():
        yield from job.get("steps", ())  # one that calls a workflow has none


def actionlint(*files: Path) -> subprocess.CompletedProcess[str]:
    program = str(toolchain.resolve(["actionlint"], quiet=True).program("actionlint"))
    command = [program, "-no-color", "-shellcheck=", "-pyflakes=", *map(str, files)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)


def test_actionlint_finds_nothing(tmp_path: Path) -> None:
    """The control: a step that has neither ``run`` nor ``uses`` is found."""
    done = actionlint(*WORKFLOWS.values())
    assert (done.returncode, done.stdout) == (0, "")
    broken = tmp_path / "broken.yml"
    broken.write_text("on: push\njobs: {a: {runs-on: ubuntu-latest, steps: [{name: nothing}]}}\n")
    assert actionlint(broken).returncode == 1


def test_the_action_is_valid_where_it_is_used(tmp_path: Path) -> None:
    """The control: an input that it does not have is found."""
    (tmp_path / ".git").mkdir()
    folder = tmp_path / ".github" / "workflows"
    folder.mkdir(parents=True)
    (tmp_path / "action.yml").write_text(ACTION.read_text())
    text = "on: push\njobs: {a: {runs-on: ubuntu-latest, steps: [{uses: ./, with: {NAME: version}}]}}\n"
    for name, code in (("arguments", 0), ("invented", 1)):
        (folder / "use.yml").write_text(text.replace("NAME", name))
        program = str(toolchain.resolve(["actionlint"], quiet=True).program("actionlint"))
        done = subprocess.run([program, "-no-color"], cwd=tmp_path, capture_output=True, text=True, timeout=60)
        assert done.returncode == code, done.stdout


@pytest.mark.parametrize("file", [*WORKFLOWS.values(), ACTION], ids=lambda file: file.name)
def test_every_action_is_pinned_by_its_commit(file: Path) -> None:
    used = [line.strip().removeprefix("- ") for line in file.read_text().splitlines() if "uses:" in line]
    used = [each for each in used if not each.startswith("uses: ./")]  # of the same commit
    assert used and not [line for line in used if not PINNED.fullmatch(line)]


@pytest.mark.parametrize("name", WORKFLOWS)
def test_no_workflow_runs_with_secrets_on_what_a_pull_request_brings(name: str) -> None:
    text = loaded(WORKFLOWS[name])
    assert "pull_request_target" not in text["on"]
    assert text["permissions"] == {}, "each job names what it needs"
    for job in text["jobs"].values():
        assert "permissions" in job and "write-all" not in str(job["permissions"])
    if "pull_request" in text["on"]:
        assert "secrets." not in WORKFLOWS[name].read_text() and "github.token" not in WORKFLOWS[name].read_text()
        assert all(set(job["permissions"].values()) == {"read"} for job in text["jobs"].values())


@pytest.mark.parametrize("name", WORKFLOWS)
def test_no_checkout_leaves_its_token_behind(name: str) -> None:
    checkouts = [each["with"] for each in steps(loaded(WORKFLOWS[name])) if "actions/checkout@" in each.get("uses", "")]
    assert checkouts and all(each["persist-credentials"] is False for each in checkouts)


@pytest.mark.parametrize("file", [*WORKFLOWS.values(), ACTION], ids=lambda file: file.name)
def test_no_script_has_a_text_of_a_stranger_put_into_it(file: Path) -> None:
    """An expression in a script is replaced before the shell reads it: a branch's name could be a command."""
    text = loaded(file)
    found = steps(text) if "jobs" in text else iter(text["runs"]["steps"])
    assert not [each["run"] for each in found if "${{" in each.get("run", "")]


def test_what_has_secrets_runs_the_default_branchs_program_and_reads_the_head_as_data() -> None:
    text = loaded(WORKFLOWS["preview-comment.yml"])
    assert set(text["on"]) == {"workflow_run"}
    with_secrets = {key: job for key, job in text["jobs"].items() if "secrets." in yaml.safe_dump(job)}
    assert set(with_secrets) == {"engine"}
    job = with_secrets["engine"]
    assert job["environment"] == "preview" and "head_repository.full_name == github.repository" in job["if"]
    assert set(job["permissions"].values()) == {"read"}
    ran = [each for each in job["steps"] if "secrets." in yaml.safe_dump(each)]
    assert [each["working-directory"] for each in ran] == ["base"]
    bases = [each["with"]["ref"] for each in job["steps"] if each.get("with", {}).get("path") == "base"]
    assert bases == ["${{ github.sha }}"]
    for each in job["steps"]:
        assert each.get("working-directory", "base") == "base"
        commands = re.findall(r"(?:\S*/)?python\S* .*|git .*", each.get("run", ""))
        assert all(
            "head" not in line or "--head ../head" in line or line.startswith("git -C head merge-base")
            for line in commands
        )


def test_only_the_job_without_other_secrets_may_write_and_only_comments() -> None:
    jobs = loaded(WORKFLOWS["preview-comment.yml"])["jobs"]
    writing = {key: job["permissions"] for key, job in jobs.items() if "write" in job["permissions"].values()}
    assert writing == {"comment": {"actions": "read", "contents": "read", "pull-requests": "write"}}


def test_what_the_engine_could_not_say_keeps_nothing_from_being_commented(tmp_path: Path) -> None:
    """A run that is refused leaves an empty file; the control is one that says something."""
    every = steps(loaded(WORKFLOWS["preview-comment.yml"]))
    (step,) = (each for each in every if each.get("name") == "Write the comment")
    program = tmp_path / "base/.venv/bin/python"
    program.parent.mkdir(parents=True)
    program.write_text('#!/bin/sh\necho "$@" > ../called\n')
    program.chmod(0o755)
    (tmp_path / "engine").mkdir()
    for text, given in (("", False), ("{}", True)):
        (tmp_path / "engine/preview.json").write_text(text)
        subprocess.run(["bash", "-eo", "pipefail", "-c", step["run"]], cwd=tmp_path / "base", check=True, timeout=60)
        assert ("--from" in (tmp_path / "called").read_text()) == given


def test_a_tag_named_like_the_default_branch_is_not_applied() -> None:
    (job,) = loaded(WORKFLOWS["up.yml"])["jobs"].values()
    assert job["if"] == "github.ref == format('refs/heads/{0}', github.event.repository.default_branch)"


def test_who_starts_up_by_hand_does_not_choose_whose_protection_holds() -> None:
    """Else a stack is applied behind an environment that asks nobody; a caller's choice is a reviewed file."""
    text = loaded(WORKFLOWS["up.yml"])["on"]
    assert set(text["workflow_dispatch"]["inputs"]) == {"stack"}
    assert set(text["workflow_call"]["inputs"]) == {"stack", "environment"}


@pytest.mark.parametrize("file", [*WORKFLOWS.values(), ACTION], ids=lambda file: file.name)
def test_no_folder_takes_the_place_of_pythons_own_modules(file: Path) -> None:
    """Python run with ``-m`` prefers modules of the folder it is run in, which may be a pull request's checkout."""
    text = loaded(file)
    found = list(steps(text) if "jobs" in text else text["runs"]["steps"])
    made = [each for each in found if "-m venv" in each.get("run", "")]
    assert not [each for each in made if "working-directory" not in each and "python -I -m venv" not in each["run"]]
