"""A fleet as GitHub Actions reads it. Its steps are run in tests/e2e/test_fleet_export.py."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from hub2ghcr.errors import Problems, SettingsError
from hub2ghcr.fleet.actions_export import JOBS, Workflow, shares, workflow
from hub2ghcr.fleet.gates import Gate
from hub2ghcr.fleet.nouns import Fleet, FleetCluster, Wave
from lab import toolchain
from tests.hub2ghcr.fleet.fleets import fleet, large, wave

FLEET = fleet(wave("canary", "a", "1e3"), wave("rest", "b", "c", "d", concurrency=8))


def jobs(found: Fleet = FLEET, wished: Workflow = Workflow("3.256.0"), *waves: str) -> dict[str, Any]:  # noqa: B008
    read: dict[str, Any] = yaml.safe_load(workflow(found, wished, waves))["jobs"]
    return read


def test_each_wave_is_a_matrix_with_a_gate_behind_it_and_an_environment_before_the_next() -> None:
    found = jobs()
    assert list(found) == ["wave-canary", "gate-canary", "open-rest", "wave-rest", "gate-rest"]
    assert [each.get("needs") for each in found.values()] == [
        None,
        ["wave-canary"],
        ["gate-canary"],
        ["open-rest"],
        ["wave-rest"],
    ]
    assert [each["environment"] for each in found.values()] == ["fleet", "fleet", "fleet-rest", "fleet", "fleet"]


def test_the_job_that_reviewers_let_begin_has_no_secret() -> None:
    assert "secrets." not in str(jobs()["open-rest"])


def test_a_matrix_names_each_stack_as_a_string_and_runs_no_more_than_the_wave_says() -> None:
    canary = jobs()["wave-canary"]["strategy"]
    assert canary["matrix"]["include"] == [{"name": "a", "stacks": "a"}, {"name": "1e3", "stacks": "1e3"}]
    assert canary["max-parallel"] == 2
    assert canary["fail-fast"] is False


def test_stacks_come_to_the_shell_as_a_variable() -> None:
    assert not [each for job in jobs().values() for each in job["steps"] if "${{" in each.get("run", "")]


def test_every_action_is_named_by_its_commit() -> None:
    used = re.findall(r"uses: (\S+)", workflow(FLEET, Workflow("3.256.0")))
    assert used
    assert all(re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", each) for each in used)


@pytest.mark.parametrize("clusters", [1000, 10_000])
def test_a_large_fleet_keeps_to_the_limits_and_leaves_nobody_out(clusters: int) -> None:
    found = large(clusters)
    matrices = [job["strategy"]["matrix"]["include"] for job in jobs(found).values() if "strategy" in job]
    assert sum(map(len, matrices)) <= JOBS
    named = [stack for matrix in matrices for each in matrix for stack in each["stacks"].split()]
    assert named == [each.stack for each in found.clusters]


def test_a_workflow_that_github_would_not_start_is_refused() -> None:
    long = fleet(wave("all", *(f"{'x' * 55}-{number:05}" for number in range(10_000))))
    with pytest.raises(SettingsError, match="GitHub starts none over 500 KB"):
        workflow(long, Workflow("3.256.0"))


@pytest.mark.parametrize(
    ("count", "jobs", "sizes"), [(5, 3, [2, 2, 1]), (3, 3, [1, 1, 1]), (1, 9, [1]), (7, 2, [4, 3])]
)
def test_shares_are_no_larger_than_needed(count: int, jobs: int, sizes: list[int]) -> None:
    assert [len(each) for each in shares([str(number) for number in range(count)], jobs)] == sizes


def test_a_folder_is_where_everything_runs_and_what_is_watched() -> None:
    text = workflow(FLEET, Workflow("3.256.0", folder="deploy"))
    assert "deploy/images.lock.yaml" in text
    assert "'deploy/stacks/**'" in text
    assert jobs(FLEET, Workflow("3.256.0", folder="deploy"))["wave-rest"]["defaults"]["run"] == {
        "working-directory": "deploy"
    }


def test_further_secrets_are_given_to_those_that_run() -> None:
    env = jobs(FLEET, Workflow("3.256.0", secrets=("AWS_KEY", "PULUMI_BACKEND_URL")))["wave-rest"]["steps"][-1]["env"]
    assert env == {
        "STACKS": "${{ matrix.stacks }}",
        "PULUMI_BACKEND_URL": "${{ secrets.PULUMI_BACKEND_URL }}",
        "PULUMI_CONFIG_PASSPHRASE": "${{ secrets.PULUMI_CONFIG_PASSPHRASE }}",
        "AWS_KEY": "${{ secrets.AWS_KEY }}",
    }


def test_some_waves_alone_begin_without_those_before() -> None:
    assert list(jobs(FLEET, Workflow("3.256.0"), "rest")) == ["wave-rest", "gate-rest"]


def test_everything_that_cannot_be_written_is_told_at_once() -> None:
    slow = Wave("slow", (FleetCluster("z", "z"),), 1, Gate(soak=24 * 3600.0))
    wrong = fleet(wave("EU", "a"), wave("eu", "b"), slow)
    with pytest.raises(Problems) as raised:
        workflow(wrong, Workflow("3.256.0", "a b", ("github_token",), "$HOME"), ["none"])
    assert [line.split(": ")[0] for line in raised.value.lines] == [
        "--actions-secret",
        "--branch",
        "--folder",
        "--wave",
        "stacks/fleet.yaml",
        "stacks/fleet.yaml",
    ]


@pytest.fixture(scope="session")
def actionlint() -> str:
    return str(toolchain.resolve(["actionlint"], quiet=True).program("actionlint"))


def linted(actionlint: str, folder: Path, text: str) -> list[str]:
    """What actionlint finds in a workflow."""
    path = folder / ".github" / "workflows" / "fleet.yml"
    path.parent.mkdir(parents=True)
    path.write_text(text)
    shown = "{{range $e := .}}{{$e.Message}}\n{{end}}"
    command = [actionlint, "-no-color", "-shellcheck=", "-pyflakes=", "-format", shown, str(path)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60).stdout.splitlines()


@pytest.mark.parametrize("found", [FLEET, large(1000)], ids=["small", "large"])
def test_actionlint_finds_nothing(tmp_path: Path, actionlint: str, found: Fleet) -> None:
    text = workflow(found, Workflow("3.256.0", secrets=("KUBE_TOKEN",), folder="deploy"))
    assert linted(actionlint, tmp_path, text) == []


def test_actionlint_would_find_something(tmp_path: Path, actionlint: str) -> None:
    broken = workflow(FLEET, Workflow("3.256.0")).replace("needs: [gate-canary]", "needs: [gate-none]")
    assert linted(actionlint, tmp_path, broken)
