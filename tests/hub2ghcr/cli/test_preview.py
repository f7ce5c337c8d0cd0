"""``hub2ghcr preview``, run as a user runs it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from shutil import copytree

import pytest
import yaml

from ..conftest import NEW, Project
from ..repository import commit, git

ROOT = Path(__file__).parents[3]


def run(root: Path, *arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "hub2ghcr", "-C", str(root), "preview", *arguments]
    env = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "HOME": str(root), **environ}
    return subprocess.run(command, capture_output=True, text=True, timeout=60, env=env)


@pytest.fixture
def changed(project: Project) -> Project:
    """A project in a repository, with a change that is committed on a branch: a phase, and an image."""
    project.change(lambda config: config.update(phase="prepare"))
    commit(project.save().root)
    git(project.root, "checkout", "--quiet", "-b", "change")
    project.change(lambda config: config.update(phase="cutover"))
    commit(project.save().root)
    return project


def test_a_change_is_compared_with_the_default_branch(changed: Project) -> None:
    done = run(changed.root, "--plan-only")
    assert (done.returncode, done.stderr) == (0, "")
    base, head = git(changed.root, "rev-parse", "main"), git(changed.root, "rev-parse", "change")
    assert f"`{base}` → `{head}`" in done.stdout
    assert "| `namespace` | `one/shop` | `changed` | `phase prepare → cutover` |" in done.stdout
    assert "without the engine: `it was asked for (--plan-only)`." in done.stdout


def test_the_same_commits_give_the_same_bytes(changed: Project, tmp_path: Path) -> None:
    elsewhere = tmp_path / "a" / "longer" / "way" / "to" / "it"
    git(tmp_path, "clone", "--quiet", "--branch", "change", str(changed.root), str(elsewhere))
    base = git(changed.root, "rev-parse", "main")
    summary, report = tmp_path / "summary.md", tmp_path / "report.html"
    asked = ("--plan-only", "--base", base, "--output", "json", "--summary", str(summary), "--report", str(report))
    found = set()
    for root, seed, zone in ((changed.root, "1", "UTC"), (elsewhere, "2", "Asia/Tokyo"), (elsewhere, "3", "UTC")):
        done = run(root, *asked, PYTHONHASHSEED=seed, TZ=zone)
        assert done.returncode == 0, done.stderr
        found.add((done.stdout, summary.read_text(), report.read_text()))
        time.sleep(1.1)
    assert len(found) == 1
    assert "phase prepare" in found.pop()[1]


def test_no_secret_is_in_any_form(project: Project, tmp_path: Path) -> None:
    token = "ghp_" + "Ab1" * 12
    secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "db"}, "stringData": {"password": "hunter2"}}
    commit(project.save().root)
    project.change(lambda config: config.update(pullToken={"secure": "v1:fresh:ciphertext"}))
    project.write("new.yaml", NEW + "---\n" + yaml.safe_dump(secret))
    config = {"hub2ghcr:phase": token, "hub2ghcr:credentials": {"a": {"username": token, "secretKey": "x"}}}
    project.write("stacks/Pulumi.leak.yaml", yaml.safe_dump({"config": config}))
    project.save()
    found = [run(project.root, "--plan-only", "--output", each) for each in ("markdown", "json", "html")]
    for done in found:
        assert done.returncode == 1
        told = done.stdout + done.stderr
        assert "one/new/db" in told and "leak" in told
        for planted in ("hunter2", "ciphertext", "fresh", token):
            assert planted not in told


def test_a_stack_with_problems_ends_with_1_and_the_others_are_shown(changed: Project) -> None:
    changed.write("stacks/Pulumi.broken.yaml", "config: {'hub2ghcr:phase': nonsense}\n")
    done = run(changed.root, "--plan-only", "--output", "json")
    assert done.returncode == 1
    broken, test = json.loads(done.stdout)["stacks"]
    assert "must be prepare" in broken["problems"][0] or "must be 'prepare'" in broken["problems"][0]
    assert test["workloads"] and not test["problems"]
    assert run(changed.root, "--plan-only", "-s", "test").returncode == 0


def test_without_git_all_is_new(project: Project) -> None:
    done = run(project.save().root, "--plan-only", "--output", "json")
    data = json.loads(done.stdout)
    assert (data["base"], data["head"]) == ("nothing", "this folder")
    assert data["stacks"][0]["images"]


def test_what_another_run_wrote_is_shown_again(changed: Project, tmp_path: Path) -> None:
    file = tmp_path / "preview.json"
    file.write_text(run(changed.root, "--plan-only", "--output", "json").stdout)
    done = run(tmp_path, "--from", str(file))
    assert done.returncode == 0
    assert done.stdout == run(changed.root, "--plan-only").stdout


def test_a_broken_artefact_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "preview.json").write_text('{"version": 1, "stacks": "::error::"}')
    done = run(tmp_path, "--from", "preview.json")
    assert done.returncode == 1 and done.stdout == ""
    assert done.stderr.startswith("error: preview.json: ") and done.stderr.count("\n") == 1


@pytest.mark.parametrize(
    "arguments",
    [
        ("--from", "x", "--all"),
        ("--from", "x", "--base", "main"),
        ("--all", "-s", "test"),
        ("--head", ".", "--base", "main"),
        ("--post", "acme/fleet"),
        ("--post", "acme/fleet#0"),
        ("--post", "acme/fleet/x#1"),
        ("--output", "table"),
    ],
)
def test_what_contradicts_itself_is_wrong_use(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    assert run(tmp_path, *arguments).returncode == 2


def test_a_folder_without_stacks_is_an_error(tmp_path: Path) -> None:
    done = run(tmp_path, "--plan-only")
    assert done.returncode == 1
    assert "error: stacks/: has no stack on either side; is this the project's folder?" in done.stderr


def test_an_unknown_base_is_an_error_with_a_remedy(changed: Project) -> None:
    done = run(changed.root, "--plan-only", "--base", "nowhere")
    assert done.returncode == 1
    assert "error: --base: git knows no such commit here: 'nowhere'; fetch it" in done.stderr


def test_hundreds_of_stacks_take_seconds_and_say_how_far_they_are(changed: Project) -> None:
    config = yaml.safe_dump({"config": changed.config})
    for number in range(300):
        changed.write(f"stacks/Pulumi.cluster-{number:03}.yaml", config)
    commit(changed.root)
    began = time.monotonic()
    done = run(changed.root, "--plan-only", "--output", "json")
    took = time.monotonic() - began
    assert done.returncode == 0 and len(json.loads(done.stdout)["stacks"]) == 301
    assert took < 60
    print(f"301 stacks: {took:.1f} s")


def test_files_are_written_whole_and_where_they_are_said(changed: Project, tmp_path: Path) -> None:
    root = copytree(changed.root, tmp_path / "copy")
    done = run(root, "--plan-only", "--summary", "summary.md", "--report", "preview.html")
    assert done.returncode == 0
    assert (root / "summary.md").read_text() == done.stdout
    assert "<!doctype html>" in (root / "preview.html").read_text()
