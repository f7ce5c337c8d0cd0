"""Previews of pull requests: with the engine where its credentials are, and from the files alone where they are not."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest
import yaml

from hub2ghcr.preview import json_form
from lab import github_admin
from tests.e2e import github_stack
from tests.e2e.conftest import ROOT, Lab
from tests.e2e.github_stack import FILES, GitHubStack
from tests.hub2ghcr.repository import commit, git

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

NAME = "previewed"
TOKENS = {"one": "lab-first-2f6e", "two": "lab-second-77c1"}


@pytest.fixture(scope="module")
def applied(github_lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Iterator[GitHubStack]:
    """A stack that is applied and committed, on a branch ``change``."""
    github_admin.add_repository(github_lab.state, "acme", NAME, FILES)
    folder = tmp_path_factory.mktemp("preview")
    with github_stack.stack(github_lab, folder, NAME, {NAME: {"secrets": {"CR_PAT": "one"}}}, TOKENS) as made:
        made.works()
        (folder / ".gitignore").write_text(".venv\n")
        commit(folder)
        git(folder, "checkout", "--quiet", "-b", "change")
        yield made


@pytest.fixture
def changed(applied: GitHubStack) -> Iterator[GitHubStack]:
    """The stack with another value, another origin and a new secret: nothing of it is applied; then it is as before."""
    applied.token("one", "lab-rotated-9c0d")
    secrets = {"CR_PAT": "one", "SECOND": "two"}
    applied.configure({f"hub2ghcr:github.repositories.{NAME}.secrets": secrets})
    commit(applied.folder)
    yield applied
    git(applied.folder, "reset", "--quiet", "--hard", "main")


def previewed(stack: GitHubStack, *arguments: str, **env: str) -> CompletedProcess[str]:
    done = stack.lab.run("hub2ghcr", "preview", *arguments, cwd=stack.folder, timeout=300.0, **env)
    stack.keeps_quiet(done)
    return done


def part(done: CompletedProcess[str]) -> dict[str, Any]:
    (found,) = json.loads(done.stdout)["stacks"]
    return dict(found)


def test_with_its_credentials_the_engine_says_what_it_will_do_and_changes_nothing(changed: GitHubStack) -> None:
    before = changed.state()
    done = previewed(changed, "--output", "json")
    assert done.returncode == 0, done.stderr
    found = part(done)
    assert (found["mode"], found["why"]) == ("engine", "")
    steps = {(each["operation"], each["urn"].partition("::")[2].rpartition("::")[2]) for each in found["steps"]}
    assert any(operation == "create" and "SECOND" in name for operation, name in steps)
    assert any(operation == "update" and "CR_PAT" in name for operation, name in steps)
    assert changed.state() == before
    assert "SECOND" not in github_admin.secrets(changed.lab.state, "acme", NAME)
    # the negative control: from plans a value that is encrypted anew is as much as can be known
    told = {(each["kind"], each["action"]) for each in found["secrets"]}
    assert told == {("secret value", "changed")}


@pytest.mark.parametrize(
    ("lacking", "why"),
    [
        ({"PULUMI_CONFIG_PASSPHRASE": "", "PULUMI_CONFIG_PASSPHRASE_FILE": ""}, "the stack's secrets cannot be opened"),
        ({"PULUMI_BACKEND_URL": "file:///nowhere"}, "unable to open bucket"),
        ({"PATH": ""}, "pulumi cannot be run"),
    ],
)
def test_without_them_it_is_made_from_the_files_and_says_why(
    changed: GitHubStack, lacking: dict[str, str], why: str
) -> None:
    program = str(Path(shutil.which("hub2ghcr", path=changed.lab.env["PATH"]) or ""))
    git_folder = str(Path(shutil.which("git") or "").parent)
    env = {**lacking, **({"PATH": git_folder} if "PATH" in lacking else {})}
    done = changed.lab.run(program, "preview", "--output", "json", cwd=changed.folder, timeout=300.0, **env)
    assert done.returncode == 0, done.stdout + done.stderr
    found = part(done)
    assert found["mode"] == "plan" and why in found["why"]
    alone = part(previewed(changed, "--plan-only", "--output", "json"))
    assert {**found, "why": ""} == {**alone, "why": ""}


def test_what_the_engine_fails_at_is_a_problem_and_ends_with_1(changed: GitHubStack) -> None:
    changed.configure({"hub2ghcr:github.repositories.nowhere": {"secrets": {"CR_PAT": "one"}}})
    done = previewed(changed, "--output", "json")
    assert done.returncode == 1
    found = part(done)
    assert found["mode"] == "engine" and any("nowhere" in each for each in found["problems"])
    # the negative control: without the engine nobody knows of the repository
    assert previewed(changed, "--plan-only").returncode == 0


def test_a_fork_needs_nothing_but_the_files(changed: GitHubStack, tmp_path: Path) -> None:
    """A clone without any environment: no home, no engine, no token, no address that answers."""
    git(tmp_path, "clone", "--quiet", "--branch", "change", str(changed.folder), "fork")
    program = shutil.which("hub2ghcr", path=changed.lab.env["PATH"])
    assert program
    bare = replace(
        changed.lab, env={"PATH": os.path.dirname(shutil.which("git") or ""), "HTTPS_PROXY": "http://127.0.0.1:9"}
    )
    first, second = (
        bare.run(program, "preview", "--plan-only", "--base", "origin/main", "--output", "json", cwd=tmp_path / "fork")
        for _ in range(2)
    )
    assert first.returncode == 0, first.stderr
    assert first.stdout == second.stdout
    json_form.loads(first.stdout)


def test_the_examples_of_this_repository_are_previewed_whatever_is_installed(tmp_path: Path, reports: Any) -> None:
    """The real comment: the lock's digest of one image changes, and a stack of its own is broken."""
    for name in ("stacks", "images.lock.yaml", "Pulumi.yaml"):
        source = ROOT / name
        (shutil.copytree if source.is_dir() else shutil.copy)(source, tmp_path / name)
    commit(tmp_path)
    lock = yaml.safe_load((tmp_path / "images.lock.yaml").read_text())
    nginx = next(each for each in lock["images"] if each.get("source") == "docker.io/library/nginx:1.27")
    text = (tmp_path / "images.lock.yaml").read_text().replace(nginx["digest"], "sha256:" + "5" * 64)
    (tmp_path / "images.lock.yaml").write_text(text)
    (tmp_path / "stacks" / "Pulumi.broken.yaml").write_text("config: {'hub2ghcr:phase': cutower}\n")
    run = Lab(tmp_path, None, os.environ).run  # type: ignore[arg-type]
    done = run(str(ROOT / ".venv/bin/hub2ghcr"), "preview", "--plan-only", "--output", "json", cwd=tmp_path)
    assert done.returncode == 1, done.stderr
    stacks = {each["stack"]: each for each in json.loads(done.stdout)["stacks"]}
    assert stacks["broken"]["problems"]
    assert [each["source"] for each in stacks["demo"]["copies"]] == ["docker.io/library/nginx:1.27"]
    assert stacks["demo"]["pulls"] == nginx["manifests"]
    rows = reports.setdefault(
        "A preview without engine, secret or cluster", [("stack", "images", "copies", "pulls", "problems")]
    )
    for name, each in sorted(stacks.items()):
        numbers = (len(each["images"]), len(each["copies"]), each["pulls"], len(each["problems"]))
        rows.append((name, *map(str, numbers)))
