"""A workflow that an older version made a resource: neither a refresh nor the end of the stack deletes its file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from lab import github_admin
from tests.e2e import earlier, github_stack
from tests.e2e.conftest import Lab
from tests.e2e.github_stack import FILES, WORKFLOW, GitHubStack

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

TOKENS = {"one": "lab-former-7d31"}


def of_then(stack: GitHubStack) -> None:
    """Make the stack's state one of the time when files were resources, by the one that is kept of it."""
    state = stack.state()
    found: list[dict[str, Any]] = state["deployment"]["resources"]
    kept = [each for each in found if not each["type"].endswith(":DeliveredFiles")]
    expected = next(each for each in kept if each["type"].endswith(":ExpectedRepositories"))
    for props in (expected["inputs"], expected["outputs"]):
        for key in ("parts", "numbers", "former", "stack", "project"):
            props.pop(key, None)
        props["repositories"] = [{"name": stack.name, "secrets": ["CR_PAT"], "file": WORKFLOW}]
    then = json.loads((earlier.STATES / "part-4.json").read_text())["deployment"]["resources"]
    file = next(each for each in then if each["type"].endswith(":RepositoryFile"))
    secret = next(each for each in kept if each["type"].endswith(":ActionsSecret"))
    text, commit = stack.content(stack.name, WORKFLOW), stack.get(stack.name, "branches", "main")["commit"]["sha"]
    given = {"repository": stack.name, "file": WORKFLOW, "content": text}
    file |= {
        "urn": secret["urn"].partition("github:")[0] + f"{file['type']}::acme/{stack.name}/{WORKFLOW}",
        "id": f"{stack.name}:{WORKFLOW}:main",
        "parent": secret["parent"],
        "provider": secret["provider"],
        "dependencies": [],
        "inputs": {**file["inputs"], **given},
        "outputs": {**file["outputs"], **given, "commitSha": commit},
    }
    state["deployment"]["resources"] = [*kept, file]
    earlier.put(stack, json.dumps(state))


def has_file(stack: GitHubStack) -> bool:
    return any(each["type"].endswith(":RepositoryFile") for each in stack.state()["deployment"]["resources"])


def refresh(stack: GitHubStack) -> None:
    done = stack.pulumi("refresh", "--yes", "--skip-preview")
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("refreshed", [False, True])
def test_a_file_that_was_a_resource_once_outlives_it(github_lab: Lab, tmp_path: Path, refreshed: bool) -> None:
    name = f"former-{refreshed}".lower()
    github_admin.add_repository(github_lab.state, "acme", name, FILES)
    settings = {name: {"secrets": {"CR_PAT": "one"}, "workflow": {"path": WORKFLOW, "flavour": "token"}}}
    with github_stack.stack(github_lab, tmp_path, name, settings, TOKENS, delivery="commit") as stack:
        stack.works()
        text = stack.content(name, WORKFLOW)
        of_then(stack)
        if refreshed:
            refresh(stack)
        stack.works()
        assert has_file(stack)
        assert stack.content(name, WORKFLOW) == text
        refresh(stack)
        stack.works("--expect-no-changes")
        stack.pulumi("destroy", "--yes", "--skip-preview")
        assert stack.content(name, WORKFLOW) == text
