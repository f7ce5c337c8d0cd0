"""The publish workflow: pinned, with the least permissions, and never a push from a pull request."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from hub2ghcr import workflow
from lab import toolchain


def render(**changes: Any) -> tuple[str, dict[str, Any]]:
    text = workflow.render(**{"owner": "Acme", "image": "shop", "username": "publisher", **changes})
    return text, yaml.safe_load(text)


def step(data: dict[str, Any], action: str) -> dict[str, Any]:
    (found,) = (each for each in data["jobs"]["image"]["steps"] if each["uses"].startswith(f"docker/{action}@"))
    return dict(found)


def test_every_action_is_pinned_by_commit_with_its_version_beside() -> None:
    text, data = render()
    assert all(re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40}", each["uses"]) for each in data["jobs"]["image"]["steps"])
    assert len(re.findall(r"uses: \S+@[0-9a-f]{40} # v\d+\.\d+\.\d+\n", text)) == len(data["jobs"]["image"]["steps"])


def test_it_runs_on_pushes_version_tags_and_pull_requests() -> None:
    _, data = render()
    triggers: Any = dict(data).get(True)  # type: ignore[call-overload]
    assert triggers == {"push": {"branches": ["**"], "tags": ["v*"]}, "pull_request": None}  # `on` is YAML's true
    assert "github.event.repository.default_branch" in data["jobs"]["image"]["if"]


def test_a_pull_request_builds_and_neither_signs_in_nor_pushes() -> None:
    _, data = render()
    assert step(data, "login-action")["if"] == "github.event_name != 'pull_request'"
    assert step(data, "build-push-action")["with"]["push"] == "${{ github.event_name != 'pull_request' }}"


def test_tags_are_latest_of_the_default_branch_and_versions_without_v() -> None:
    _, data = render()
    metadata = step(data, "metadata-action")["with"]
    assert metadata["images"] == "ghcr.io/acme/shop"
    assert metadata["flavor"] == "latest=false"
    assert metadata["tags"].splitlines() == [
        "type=raw,value=latest,enable={{is_default_branch}}", "type=match,pattern=v(.*),group=1", "type=ref,event=pr"
    ]  # fmt: skip


def test_flavour_pat_signs_in_with_cr_pat_and_may_only_read() -> None:
    _, data = render()
    login = step(data, "login-action")["with"]
    assert (login["username"], login["password"]) == ("publisher", "${{ secrets.CR_PAT }}")
    assert data["permissions"] == {} and data["jobs"]["image"]["permissions"] == {"contents": "read"}


def test_flavour_token_signs_in_as_the_run_itself_and_may_write_packages() -> None:
    _, data = render(flavour="token")
    login = step(data, "login-action")["with"]
    assert (login["username"], login["password"]) == ("${{ github.actor }}", "${{ secrets.GITHUB_TOKEN }}")
    assert data["jobs"]["image"]["permissions"] == {"contents": "read", "packages": "write"}


@pytest.mark.parametrize(
    ("context", "expected"), [(".", "{{defaultContext}}"), ("app/it's", "{{defaultContext}}:app/it's")]
)
def test_context_and_dockerfile_are_the_repositorys_whatever_they_hold(context: str, expected: str) -> None:
    _, data = render(context=context, dockerfile="Docker: file")
    build = step(data, "build-push-action")["with"]
    assert (build["context"], build["file"]) == (expected, "Docker: file")


@pytest.mark.parametrize("flavour", ["pat", "token"])
def test_actionlint_finds_nothing_and_would_find_something(tmp_path: Path, flavour: str) -> None:
    actionlint = toolchain.resolve(["actionlint"], quiet=True).program("actionlint")
    text, _ = render(flavour=flavour)
    for name, content, good in [("good", text, True), ("bad", text.replace("runs-on", "run-on"), False)]:
        file = tmp_path / f"{name}.yml"
        file.write_text(content, encoding="utf-8")
        done = subprocess.run([actionlint, "-no-color", str(file)], capture_output=True, text=True, timeout=60)
        assert (done.returncode == 0) is good, done.stdout
