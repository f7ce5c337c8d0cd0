"""States that earlier versions left, under today's program: nothing is replaced or deleted, and what runs stays."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from typing import Any

import pytest

from hub2ghcr.engine import EngineStep
from lab import github_admin, registry_admin
from lab.accounts import ACCOUNTS
from lab.kubectl import get, kubectl
from tests.e2e import earlier, foreseeing
from tests.e2e import stack as stacks
from tests.e2e.conftest import Lab
from tests.e2e.foreseeing import Seen
from tests.e2e.stack import CREATED, EXISTING, Stack, lines

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

CONTROLS = {
    "part-1": ("kubernetes_object.py", "if formerly", "kubernetes:core/v1:Pod"),
    "part-4": ("former_files.py", "if where == repository", "github:index/repositoryFile:RepositoryFile"),
}
"""By version, the module and the condition that keep something of it, and the type of what would go without them."""


@pytest.fixture(scope="module")
def today(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A stack that today's program has applied: what earlier versions left outside of their states is the same."""
    registry_admin.set_limit(lab.state, "hub", anonymous=1000, account=1000, window=3600)
    earlier.application(lab.env)
    made = stacks.create(lab, tmp_path_factory.mktemp("today"))
    done = made.up()
    assert done.returncode == 0, done.stdout + done.stderr
    own = made.state()
    yield made
    earlier.put(made, json.dumps(own))  # a test may have left one that knows less: what is of the stack is to go
    done = made.pulumi("destroy", "--yes", "--skip-preview")
    assert done.returncode == 0, lines(done)
    made.pulumi("stack", "rm", "--yes", "--force")
    for namespace in (EXISTING, CREATED):
        kubectl(lab.env, "delete", "namespace", namespace, "--ignore-not-found", "--wait=false")
    registry_admin.set_limit(lab.state, "hub", anonymous=100, account=200, window=21600)


def living(stack: Stack) -> dict[str, Any]:
    """What a careless upgrade would take away: objects by their UIDs, the workflow, when the secret was set."""
    objects = {
        f"{kind} {each['metadata']['name']}": each["metadata"]["uid"]
        for kind in ("deployments", "pods", "secrets")
        for namespace in (EXISTING, CREATED)
        for each in get(stack.lab.env, kind, "-n", namespace)
    }
    workflow = github_admin.files(stack.lab.state, "acme", "shop", "main")[stacks.WORKFLOW]
    return {
        **objects,
        "workflow": workflow,
        "secret": github_admin.secret(stack.lab.state, "acme", "shop", stacks.SECRET),
    }


def lost(stack: Stack, seen: Seen) -> set[str]:
    """What would be replaced, or deleted in reality: neither a component nor what the state alone loses."""
    resources = {each["urn"]: each for each in stack.state()["deployment"]["resources"]}
    found = set()
    for each in seen.steps:
        if "replace" in each.operation:
            found.add(f"{each.operation} {each.urn}")
        elif each.operation == "delete":
            resource = resources[each.urn]
            ours = each.urn.split("::")[2].rpartition("$")[2].startswith("pulumi-python:dynamic/hub2ghcr:")
            if resource["custom"] and not resource.get("retainOnDelete") and not ours:
                found.add(f"{each.operation} {each.urn}")
    return found


@pytest.mark.parametrize("version", earlier.versions())
def test_a_state_of_an_earlier_version_loses_nothing(
    today: Stack, version: str, reports: dict[str, list[tuple[str, ...]]]
) -> None:
    kept = living(today)
    earlier.bring(today, version)
    foreseen = foreseeing.preview(today)
    assert foreseen.problems == ()
    assert lost(today, foreseen) == set()
    ran = foreseeing.up(today)
    assert ran.problems == ()
    assert foreseeing.up(today).changes == frozenset()
    assert living(today) == kept
    rows = reports.setdefault(
        "States of earlier versions under today's program",
        [("state of", "resources", "come", "change", "leave the state alone")],
    )
    operations = [operation for _, operation, _ in foreseen.changes]
    counts = [operations.count(each) for each in ("create", "update", "delete")]
    rows.append((version, str(len(foreseen.steps)), *map(str, counts)))


@pytest.mark.parametrize("version", earlier.versions())
def test_a_state_that_is_kept_here_holds_no_secret_in_plain(version: str) -> None:
    text = (earlier.STATES / f"{version}.json").read_text()
    assert not [account.user for account in ACCOUNTS if account.token in text]
    assert not re.search(r"127\.0\.0\.1|/tmp/|/root/", text)


@pytest.mark.parametrize("version", CONTROLS)
def test_without_what_keeps_it_something_would_be_lost(today: Stack, version: str) -> None:
    """Negative control: a program that knows nothing of earlier versions foresees what the others must not."""
    module, condition, kind = CONTROLS[version]
    earlier.bring(today, version)
    program = today.folder / "components"
    linked = program.resolve()
    program.unlink()
    try:
        shutil.copytree(linked, program, ignore=shutil.ignore_patterns("__pycache__"))
        text = (program / module).read_text()
        assert text.count(condition) == 1
        (program / module).write_text(text.replace(condition, "if False"))
        foreseen = foreseeing.preview(today)
    finally:
        shutil.rmtree(program, ignore_errors=True)
        program.symlink_to(linked)
    assert [each for each in lost(today, foreseen) if f"{kind}::" in each], foreseen.problems


def test_an_object_that_would_be_lost_is_found(today: Stack) -> None:
    """Negative control: a Pod that goes is a loss, a Namespace that leaves the state alone is none."""
    earlier.bring(today, earlier.versions()[0])
    resources = today.state()["deployment"]["resources"]
    pod, namespace = (
        next(each["urn"] for each in resources if each["type"] == f"kubernetes:core/v1:{kind}")
        for kind in ("Pod", "Namespace")
    )
    steps = frozenset({EngineStep(pod, "delete"), EngineStep(namespace, "delete"), EngineStep(namespace, "same")})
    assert lost(today, Seen(steps, frozenset(), (), ())) == {f"delete {pod}"}
