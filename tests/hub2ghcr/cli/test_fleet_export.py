"""The export as a command: which option belongs to whom, and where the text goes."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from tests.hub2ghcr.cli.running import hub2ghcr, lines

OPERATOR = ("fleet", "export", "--engine", "operator", "--repository", "https://github.com/acme/fleet")
ACTIONS = ("fleet", "export", "--engine", "github-actions")


@pytest.fixture
def fleet(tmp_path: Path) -> Path:
    (tmp_path / "stacks").mkdir()
    for name in ("one", "two"):
        (tmp_path / "stacks" / f"Pulumi.{name}.yaml").write_text("config: {}\n")
    found = {"budget": 1, "clusters": {"one": {}, "two": {}}, "waves": [{"name": "all", "rest": True}]}
    (tmp_path / "stacks" / "fleet.yaml").write_text(yaml.safe_dump(found))
    return tmp_path


def test_stacks_go_to_standard_output_with_what_the_engine_does_not_know_said_beside(fleet: Path) -> None:
    done = hub2ghcr(fleet, *OPERATOR, "--commit", "a" * 40)
    assert done.returncode == 0
    assert [each["metadata"]["name"] for each in yaml.safe_load_all(done.stdout)] == ["one", "two"]
    assert lines(done.stderr) == [
        "warning: stacks/fleet.yaml: budget: no engine but `fleet up` knows one; here it is 0"
    ]


def test_a_workflow_goes_into_its_file(fleet: Path) -> None:
    done = hub2ghcr(fleet, *ACTIONS, "--out", ".github/workflows/fleet.yml")
    assert (done.returncode, done.stdout) == (0, b"")
    assert "wave-all" in yaml.safe_load((fleet / ".github" / "workflows" / "fleet.yml").read_text())["jobs"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (OPERATOR, "--engine operator needs --repository and --commit"),
        ((*OPERATOR, "--branch", "x"), "--engine operator has no --branch"),
        ((*ACTIONS, "--commit", "x", "--private"), "--engine github-actions has no --commit, --private"),
        ((*ACTIONS, "--service-account", "x"), "--engine github-actions has no --service-account"),
        ((*OPERATOR, "--actions-secret", "X"), "--engine operator has no --actions-secret"),
    ],
)
def test_an_option_of_another_engine_is_refused(fleet: Path, arguments: tuple[str, ...], said: str) -> None:
    done = hub2ghcr(fleet, *arguments)
    assert done.returncode == 2
    assert said in done.stderr.decode()


def test_what_cannot_be_exported_is_told_in_lines(fleet: Path) -> None:
    done = hub2ghcr(fleet, *OPERATOR, "--commit", "main", "--wave", "none")
    assert done.returncode == 1
    assert lines(done.stderr) == [
        "error: --commit: is no whole commit: 'main'; give all 40 digits: git rev-parse HEAD",
        "error: --wave: no such wave: 'none'; the waves are all",
    ]
