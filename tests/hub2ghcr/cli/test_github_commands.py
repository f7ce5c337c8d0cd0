"""``permissions``, ``doctor`` and ``retention`` as a user runs them, with an API that answers on the loopback."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.hub2ghcr.answering import answering
from tests.hub2ghcr.cli.running import hub2ghcr, lines
from tests.hub2ghcr.conftest import Project

NOWHERE = {"HUB_URL": "http://127.0.0.1:1", "HTTP_PROXY": "", "PULUMI_SKIP_UPDATE_CHECK": "true"}


def test_permissions_names_each_scope_and_why(project: Project) -> None:
    done = hub2ghcr(project.save().root, "permissions")
    assert done.returncode == 0, done.stderr
    told = [" ".join(line.split()) for line in lines(done.stdout)]
    assert "pull puller read:packages lies in the pull Secrets of cluster one (2 namespaces): opens ghcr.io" in told
    assert "push pusher write:packages copies 2 images to ghcr.io" in told


def test_permissions_as_json_has_the_least_scopes_of_each_credential(project: Project) -> None:
    done = hub2ghcr(project.save().root, "permissions", "-s", "test", "--output", "json")
    found = {each["name"]: each["least"] for each in json.loads(done.stdout)["credentials"]}
    assert found == {
        "admin": ["read:packages", "repo", "workflow"],
        "pull": ["read:packages"],
        "publish": ["write:packages"],
        "push": ["write:packages"],
    }


@pytest.mark.parametrize("command", ["permissions", "doctor", "retention"])
def test_without_a_stack_the_only_one_is_taken_and_of_several_one_must_be_named(project: Project, command: str) -> None:
    project.save().write("stacks/Pulumi.other.yaml", "config: {}\n")
    done = hub2ghcr(project.root, command)
    assert done.returncode == 2
    assert "name a stack with -s: other, test" in done.stderr.decode()


def test_a_project_without_stacks_says_so(tmp_path: Path) -> None:
    assert "there is none in stacks/" in hub2ghcr(tmp_path, "doctor").stderr.decode()


def test_a_doctor_whose_patient_cannot_be_read_fails_and_shows_the_rest(project: Project) -> None:
    project.change(lambda config: config.update(phase="never")).save()
    done = hub2ghcr(project.root, "doctor", "--output", "json", stdin=b"", **{**NOWHERE, "PATH": "/usr/bin:/bin"})
    found = json.loads(done.stdout)["findings"]
    assert done.returncode == 1
    assert {(each["area"], each["state"]) for each in found} == {("stack", "failure"), ("engine", "failure")}
    shown = lines(hub2ghcr(project.root, "doctor", stdin=b"", **{**NOWHERE, "PATH": "/usr/bin:/bin"}).stdout)
    assert shown[-1] == "0 ok, 0 warnings, 2 failures"
    assert shown[0].startswith("failure  engine pulumi: pulumi is not on PATH; install it")


def test_retention_of_packages_that_cannot_be_judged_calls_nothing_unreached_and_fails(project: Project) -> None:
    with answering(
        {"/api/v3/users/Acme": {"type": "Organization"}, "/api/v3/users/acme": {"type": "Organization"}}
    ) as api:
        project.change(lambda config: config["github"].update(endpoint=api.url)).save()
        done = hub2ghcr(
            project.root,
            "retention",
            "--output",
            "json",
            stdin=b"",
            **{**NOWHERE, "HUB2GHCR_SECRET_ADMIN_TOKEN": "x", "HOME": str(project.root)},
        )
    assert done.returncode == 1, done.stderr
    found = json.loads(done.stdout)
    assert [(each["owner"], each["name"], each["unreached"]) for each in found["packages"]] == [
        ("Acme", "mirror/nginx", []),
        ("acme", "shop", []),
    ]
    assert "error: package acme/shop: there is no such package" in done.stderr.decode()
    assert found["notes"] == [
        "stack test has no inventory, so what its Pods run is not known: hub2ghcr inventory -s test"
    ]


def test_retention_without_a_value_of_its_credential_says_where_to_put_it(project: Project) -> None:
    done = hub2ghcr(project.save().root, "retention", stdin=b"", **NOWHERE)
    assert lines(done.stderr) == ["error: admin: its value is not here; set HUB2GHCR_SECRET_ADMIN_TOKEN"]
