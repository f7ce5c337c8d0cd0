"""How a release is made: its workflows, the scripts that they run, and the image."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from collections.abc import Iterator
from importlib.metadata import requires
from pathlib import Path
from typing import Any

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from lab import toolchain

ROOT = Path(__file__).resolve().parent.parent
WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))
ACTIONS = [path for path in (ROOT / "action.yml",) if path.exists()]
VERSION: str = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
WRITES = {
    ("release.yml", "attest"): {"attestations", "id-token"},
    ("release.yml", "publish"): {"id-token"},
    ("release.yml", "image"): {"attestations", "id-token", "packages"},
    ("release.yml", "release"): {"contents"},
}
"""What each job of ours may write; of the others those that are not named here may read only."""


def parsed(path: Path) -> dict[Any, Any]:
    found: dict[Any, Any] = yaml.safe_load(path.read_text())
    return found


def events(workflow: dict[Any, Any]) -> set[str]:
    on = workflow[True]  # YAML 1.1 reads `on` so
    return {on} if isinstance(on, str) else set(on)


def jobs() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path in WORKFLOWS:
        yield from ((path.name, name, job) for name, job in parsed(path)["jobs"].items())


def release(job: str) -> dict[str, Any]:
    found: dict[str, Any] = parsed(ROOT / ".github/workflows/release.yml")["jobs"][job]
    return found


@pytest.mark.parametrize("path", [*WORKFLOWS, *ACTIONS], ids=lambda path: str(path.name))
def test_every_action_is_pinned_to_a_commit_with_its_version(path: Path) -> None:
    used = re.findall(r"^\s*(?:- )?uses: (.*)$", path.read_text(), re.MULTILINE)
    assert used
    ours = re.compile(r"\./\S+")
    theirs = re.compile(r"[\w.-]+/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+")
    assert [each for each in used if not ours.fullmatch(each) and not theirs.fullmatch(each)] == []


def test_one_action_has_one_commit() -> None:
    found = {
        tuple(each.split("@"))
        for path in [*WORKFLOWS, *ACTIONS]
        for each in re.findall(r"uses: ([\w.-]+/\S+@[0-9a-f]{40})", path.read_text())
    }
    assert sorted(name for name, _ in found) == sorted({name for name, _ in found})


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_a_workflow_has_no_permission_that_a_job_does_not_name(path: Path) -> None:
    workflow = parsed(path)
    assert workflow["permissions"] == {}
    assert all(isinstance(job["permissions"], dict) for job in workflow["jobs"].values())


def test_jobs_write_what_they_have_to_and_no_more() -> None:
    found = {
        (file, name): {scope for scope, level in job["permissions"].items() if level == "write"}
        for file, name, job in jobs()
        if file in ("ci.yml", "release.yml")
    }
    assert {job: scopes for job, scopes in found.items() if scopes} == WRITES


def test_no_secret_and_no_permission_to_write_meets_a_pull_request() -> None:
    for path in WORKFLOWS:
        workflow = parsed(path)
        assert "pull_request_target" not in events(workflow), path.name
        if "pull_request" in events(workflow):
            assert "secrets." not in path.read_text(), path.name
            assert not [job for job in workflow["jobs"].values() if "write" in job["permissions"].values()], path.name


def test_no_checkout_leaves_its_token_to_later_steps() -> None:
    for file, name, job in jobs():
        for step in job.get("steps", []):
            if step.get("uses", "").startswith("actions/checkout@"):
                assert step.get("with", {}).get("persist-credentials") is False, f"{file}: {name}"


def test_no_script_holds_an_expression() -> None:
    """What an expression stands for would be run as a script: it comes by the environment."""
    scripts = [(file, name, step.get("run", "")) for file, name, job in jobs() for step in job.get("steps", [])]
    assert [(file, name) for file, name, script in scripts if "${{" in script] == []


def test_what_is_published_was_built_once_and_tested() -> None:
    assert "secrets." not in (ROOT / ".github/workflows/release.yml").read_text()
    assert release("test")["uses"] == "./.github/workflows/ci.yml"
    assert set(release("attest")["needs"]) == {"build", "test"}
    assert release("publish")["needs"] == "attest" and "attest" in release("image")["needs"]
    assert {"publish", "image"} <= set(release("release")["needs"])
    assert {release(job)["environment"] for job in ("publish", "image")} == {"release"}


def test_actionlint_finds_nothing_and_would_find_something(tmp_path: Path) -> None:
    actionlint = toolchain.resolve(["actionlint"], quiet=True).program("actionlint")

    def lint(*files: Path) -> subprocess.CompletedProcess[str]:
        argv = [str(actionlint), "-no-color", *map(str, files)]
        return subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, timeout=120)

    done = lint(*WORKFLOWS)
    assert done.returncode == 0, done.stdout
    bad = tmp_path / "bad.yml"
    bad.write_text((ROOT / ".github/workflows/release.yml").read_text().replace("needs: attest", "needs: attested"))
    assert lint(bad).returncode == 1


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of what a release is made from, as a tag of this version finds it."""
    for name in ("pyproject.toml", "setup.py", "requirements.txt", "README.md", "LICENSE", "CHANGELOG.md"):
        shutil.copy(ROOT / name, tmp_path)
    for folder in (".ci", "hub2ghcr", "components"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__"))
    changes = tmp_path / "CHANGELOG.md"
    changes.write_text(
        changes.read_text().replace("## [Unreleased]", f"## [Unreleased]\n\n## [{VERSION}] - 2026-12-01")
    )
    return tmp_path


def step(job: str, name: str, folder: Path, **env: str) -> subprocess.CompletedProcess[str]:
    """Run the script of a step as a runner does."""
    (script,) = [each["run"] for each in release(job)["steps"] if each.get("name") == name]
    argv = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script]
    environ = {"PATH": os.environ["PATH"], "GITHUB_OUTPUT": str(folder / "outputs"), **env}
    return subprocess.run(argv, cwd=folder, env=environ, capture_output=True, text=True, timeout=120)


def test_a_tag_that_is_the_version_goes_on(checkout: Path) -> None:
    done = step("build", "The tag says the version", checkout, TAG=f"v{VERSION}")
    assert (done.returncode, done.stderr) == (0, "")
    assert (checkout / "outputs").read_text() == f"version={VERSION}\n"


@pytest.mark.parametrize("tag", ["v9.9.9", VERSION, f"v{VERSION}-rc1", "v", f"v{VERSION}; id"])
def test_a_tag_that_is_not_ends_the_release(checkout: Path, tag: str) -> None:
    done = step("build", "The tag says the version", checkout, TAG=tag)
    assert done.returncode != 0 and not (checkout / "outputs").exists()
    assert done.stderr.startswith(f"error: the tag is {tag}, and pyproject.toml says {VERSION}")


def test_a_version_that_the_changelog_does_not_know_ends_it_too(checkout: Path) -> None:
    (checkout / "CHANGELOG.md").write_text("## [Unreleased]\n")
    done = step("build", "The tag says the version", checkout, TAG=f"v{VERSION}")
    assert done.returncode != 0 and f"no section [{VERSION}]" in done.stderr


def test_the_same_commit_gives_the_same_wheel_out_of_the_source_archive(checkout: Path) -> None:
    environ = {"PATH": os.environ["PATH"], "PYTHON": sys.executable, "SOURCE_DATE_EPOCH": "1700000000"}
    made = []
    for _ in range(2):
        subprocess.run([checkout / ".ci/dist"], env=environ, check=True, capture_output=True, timeout=120)
        made.append((checkout / f"dist/hub2ghcr-{VERSION}-py3-none-any.whl").read_bytes())
    assert made[0] == made[1]
    with zipfile.ZipFile(checkout / f"dist/hub2ghcr-{VERSION}-py3-none-any.whl") as wheel:
        assert "hub2ghcr_components/PulumiPlugin.yaml" in wheel.namelist()
    with tarfile.open(checkout / f"dist/hub2ghcr-{VERSION}.tar.gz") as archive:
        assert f"hub2ghcr-{VERSION}/requirements.txt" in archive.getnames()


def test_the_image_is_nobodys_and_is_made_of_the_wheel_and_pinned_packages() -> None:
    text = (ROOT / "Dockerfile").read_text()
    (last,) = re.findall(r"^USER (.*)$", text, re.MULTILINE)
    assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", last)  # a number: Kubernetes proves by it that it is not root
    copied = [each for each in re.findall(r"^COPY (.*)$", text, re.MULTILINE) if not each.startswith("--from")]
    assert copied == ["requirements.lock dist/*.whl /tmp/"]
    assert "--require-hashes --requirement /tmp/requirements.lock" in text
    assert (ROOT / ".dockerignore").read_text().splitlines() == ["*", "!dist/*.whl", "!requirements.lock"]


def pins(name: str) -> dict[str, tuple[str, ...]]:
    """Return the packages of a lock file with their version and hashes."""
    blocks = re.findall(r"^([a-z0-9.-]+==.*(?:\n +--hash=.*)*)", (ROOT / name).read_text(), re.MULTILINE)
    return {block.partition("==")[0]: tuple(re.findall(r"==\S+|sha256:\w+", block)) for block in blocks}


def asked() -> set[str]:
    """Return what the wheel asks for, and what that asks for."""
    listed = [line.partition("#")[0] for line in (ROOT / "requirements.txt").read_text().splitlines()]
    names, open_ = set[str](), [Requirement(each) for each in listed if each.strip()]
    while open_:
        name = canonicalize_name(open_.pop().name)
        if name not in names:
            names.add(name)
            below = [Requirement(each) for each in requires(name) or ()]
            open_ += [each for each in below if each.marker is None or each.marker.evaluate({"extra": ""})]
    return names


def test_what_an_image_installs_is_what_the_tests_ran_with_and_nothing_else() -> None:
    tested, installed = pins("requirements-dev.lock"), pins("requirements.lock")
    assert set(installed) == asked()
    assert installed == {name: tested[name] for name in installed}
    assert all(len(each) > 1 for each in installed.values())
