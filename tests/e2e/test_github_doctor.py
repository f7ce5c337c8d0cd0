"""``hub2ghcr doctor`` and ``permissions`` on a whole lab: what is well, and every kind of token that is not."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from subprocess import CompletedProcess
from typing import Any

import pytest

from lab import github_admin, registry_admin
from lab.accounts import ACCOUNTS, CLUSTER_DEMO, MIGRATION
from lab.kubectl import kubectl
from tests.e2e import stack as stacks
from tests.e2e.conftest import Lab
from tests.e2e.stack import EXISTING, Stack

pytestmark = pytest.mark.e2e

PULL, PUSH = "HUB2GHCR_SECRET_GHCR_CLUSTER_DEMO_TOKEN", "HUB2GHCR_SECRET_GHCR_PUSH_TOKEN"
ADMIN = "HUB2GHCR_SECRET_GITHUB_ADMIN_TOKEN"
NEW = "https://github.com/settings/tokens/new?scopes="


@pytest.fixture(scope="module")
def stack(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A stack of a cluster and of GitHub's side, whose tokens are exactly as they should be."""
    kubectl(lab.env, "create", "namespace", EXISTING)
    made = stacks.create(lab, tmp_path_factory.mktemp("doctor"))
    yield made
    made.pulumi("stack", "rm", "--yes", "--force")
    kubectl(lab.env, "delete", "namespace", EXISTING, "--ignore-not-found", "--wait=false")


@pytest.fixture(autouse=True)
def calm(lab: Lab) -> Iterator[None]:
    yield
    github_admin.clear_faults(lab.state)


def doctor(stack: Stack, *flags: str, **env: str) -> CompletedProcess[str]:
    done = stack.lab.run(
        "hub2ghcr", "doctor", "-s", stacks.NAME, *flags, cwd=stack.folder, timeout=120.0, **{**stack.env, **env}
    )
    secrets = [each.token for each in ACCOUNTS] + [value for key, value in env.items() if key.startswith("HUB2GHCR_")]
    assert not [each for each in secrets if each in done.stdout + done.stderr]
    return done


def findings(done: CompletedProcess[str]) -> list[dict[str, str]]:
    found: list[dict[str, str]] = json.loads(done.stdout)["findings"]
    return found


def of(done: CompletedProcess[str], name: str, state: str) -> list[str]:
    return [
        f"{each['text']}; {each['remedy']}".removesuffix("; ")
        for each in findings(done)
        if each["name"] == name and each["state"] == state
    ]


def test_a_stack_that_is_well_is_well_all_over_and_nothing_is_written(stack: Stack) -> None:
    github_admin.reset_calls(stack.lab.state)
    registry_admin.reset_counters(stack.lab.state, "ghcr")
    done = doctor(stack, "--output", "json")
    assert done.returncode == 0, done.stdout + done.stderr
    assert [each for each in findings(done) if each["state"] != "ok"] == []
    areas = {(each["area"], each["name"]) for each in findings(done)}
    assert {
        ("stack", stacks.NAME),
        ("cluster", "lab"),
        ("engine", "pulumi"),
        ("engine", "backend"),
        ("engine", "plugin kubernetes"),
        ("registry", "docker.io"),
        *(
            ("credential", name)
            for name in ("hub-pull", "ghcr-push", "ghcr-cluster-demo", "github-admin", "cr-pat-shop")
        ),
    } <= areas
    assert {each["method"] for each in github_admin.calls(stack.lab.state)} == {"GET"}
    written = [key for key in registry_admin.counters(stack.lab.state, "ghcr") if re.match("PUT|PATCH|DELETE", key)]
    assert written == []
    assert github_admin.violations(stack.lab.state) == []


@pytest.mark.slow
def test_the_table_has_a_line_for_each_and_counts_them(stack: Stack) -> None:
    lines = doctor(stack).stdout.splitlines()
    assert [line for line in lines[:-1] if not line.startswith("ok  ")] == []
    assert lines[-1] == f"{len(lines) - 1} ok, 0 warnings, 0 failures"


def token(stack: Stack, text: str, scopes: Sequence[str] = (), user: str = CLUSTER_DEMO.user, **more: Any) -> str:
    github_admin.add_token(stack.lab.state, user, text, scopes, **more)
    return text


def test_a_fine_grained_token_is_a_failure_with_the_scopes_of_the_one_to_make(stack: Stack) -> None:
    text = token(stack, "github_pat_doctorfinegrained01", permissions={"packages": "read"}, repositories=["acme/*"])
    done = doctor(stack, "--output", "json", **{PULL: text})
    assert done.returncode == 1
    (line,) = of(done, "ghcr-cluster-demo", "failure")
    assert line == (
        "fine-grained token github_pat_… of acme-cluster-demo is fine-grained: GHCR and the packages API take classic "
        f"tokens alone; make a classic one with no more than {NEW}read:packages"
    )


@pytest.mark.slow
def test_a_token_of_an_app_logs_in_and_opens_nothing(stack: Stack) -> None:
    text = token(stack, "ghs_doctorinstallation0001", permissions={"packages": "write"}, repositories=["acme/*"])
    done = doctor(stack, "--output", "json", **{PULL: text})
    assert done.returncode == 1
    (line,) = of(done, "ghcr-cluster-demo", "failure")
    assert "is a GitHub App's: GHCR lets it log in, and refuses to pull and push" in line


@pytest.mark.slow
def test_a_workflows_token_ends_with_its_job(stack: Stack) -> None:
    text = token(
        stack, "ghs_doctorworkflow00000001", user="github-actions[bot]", kind="actions",
        permissions={"packages": "write", "metadata": "read"}, repositories=["acme/shop"],
    )  # fmt: skip
    done = doctor(stack, "--output", "json", **{PUSH: text})
    assert done.returncode == 1
    (line,) = of(done, "ghcr-push", "failure")
    assert "is a workflow's, ends with its job, and opens packages of acme/shop alone" in line


@pytest.mark.slow
def test_an_expired_token_is_refused_by_github_and_named_once(stack: Stack) -> None:
    text = token(stack, "ghp_doctorexpired000000001", ["read:packages"], expires="2026-01-01 00:00:00 UTC")
    done = doctor(stack, "--output", "json", **{PULL: text})
    assert done.returncode == 1
    assert of(done, "ghcr-cluster-demo", "failure") == [
        "classic token ghp_… of acme-cluster-demo is refused (Bad credentials): expired or revoked; make a classic one "
        f"with no more than {NEW}read:packages"
    ]


@pytest.mark.slow
def test_a_token_that_single_sign_on_keeps_out_is_told_where_it_is_authorised(stack: Stack) -> None:
    text = token(stack, "ghp_doctorunauthorized0001", ["read:packages"], unauthorized=["acme"])
    done = doctor(stack, "--output", "json", **{PULL: text})
    assert done.returncode == 1
    (line,) = of(done, "ghcr-cluster-demo", "failure")
    assert line.startswith("packages of acme: GitHub refuses acme-cluster-demo (403): ")
    assert re.search(
        r"authorise the token for the organisation's single sign-on: https?://\S+/sso\?authorization_req", line
    )


def test_a_token_that_may_do_too_much_or_ends_soon_is_a_warning_that_fails_nothing(stack: Stack) -> None:
    soon = (datetime.now(UTC) + timedelta(days=3, hours=1)).strftime("%Y-%m-%d %H:%M:%S UTC")
    scopes = ["admin:org", "delete:packages", "read:packages"]
    text = token(stack, "ghp_doctorpowerful00000001", scopes, expires=soon, grants={"acme/*": ["pull"]})
    done = doctor(stack, "--output", "json", **{PULL: text})
    assert done.returncode == 0, done.stdout
    powerful, expires = of(done, "ghcr-cluster-demo", "warning")
    assert powerful == (
        "classic token ghp_… of acme-cluster-demo may do more than anything needs of it: admin:org, delete:packages; "
        f"make a classic one with no more than {NEW}read:packages"
    )
    assert expires.startswith("expires at ") and expires.endswith("in 3 days; set a new one before")


@pytest.mark.slow
def test_a_token_that_lacks_a_scope_is_told_what_the_scope_is_for(stack: Stack) -> None:
    text = token(stack, "ghp_doctorlacking000000001", ["read:packages", "repo"], user="acme-admin")
    done = doctor(stack, "--output", "json", **{ADMIN: text})
    assert done.returncode == 1
    (line,) = of(done, "github-admin", "failure")
    assert "lacks the scope workflow: it writes workflows of 1 repository" in line


@pytest.mark.slow
def test_a_token_of_a_stranger_gets_none_for_the_packages(stack: Stack) -> None:
    text = token(stack, "ghp_doctorstranger00000001", ["read:packages"], user="acme-stranger")
    done = doctor(stack, "--output", "json", **{PULL: text})
    refused = of(done, "ghcr-cluster-demo", "failure")
    assert "may not pull from ghcr.io/" in refused[0]
    assert "give it access to the package: https://github.com/orgs/" in refused[0]
    assert of(done, "ghcr-cluster-demo", "warning") == [
        "the settings say acme-cluster-demo, and this token is of acme-stranger; change `username`"
    ]


@pytest.mark.slow
def test_a_cluster_and_a_registry_that_do_not_answer_are_failures_and_the_rest_is_tried(stack: Stack) -> None:
    done = doctor(stack, "--output", "json", LAB_GHCR_URL="http://127.0.0.1:1", E2E_KUBECONFIG="/no/such/file")
    assert done.returncode == 1
    failed = {(each["area"], each["name"]) for each in findings(done) if each["state"] == "failure"}
    assert {("cluster", "lab"), ("registry", "ghcr.io")} <= failed
    assert of(done, "hub-pull", "ok")


def without_values(stack: Stack, **env: str) -> CompletedProcess[str]:
    """A doctor in an environment that has no value of a credential."""
    kept = {key: value for key, value in stack.lab.env.items() if not key.startswith("HUB2GHCR_SECRET_")}
    bare = replace(stack, lab=replace(stack.lab, env=kept))
    return doctor(bare, "--output", "json", **env)


@pytest.mark.slow
def test_values_that_the_environment_lacks_are_those_of_the_stack(stack: Stack) -> None:
    done = without_values(stack)
    assert done.returncode == 0, done.stdout
    assert of(done, "ghcr-push", "ok")


@pytest.mark.slow
def test_without_what_opens_its_secrets_a_stack_has_no_values_to_try(stack: Stack) -> None:
    """The control of the one before."""
    done = without_values(stack, PULUMI_CONFIG_PASSPHRASE="another")
    assert done.returncode == 1
    assert of(done, "secrets", "warning")
    assert of(done, "ghcr-push", "failure")[0].startswith("its value is not here, so it was not tried; set " + PUSH)


def test_permissions_names_what_these_tokens_have_and_no_more(stack: Stack) -> None:
    done = stack.lab.run(
        "hub2ghcr", "permissions", "-s", stacks.NAME, "--output", "json", cwd=stack.folder, timeout=60.0, **stack.env
    )
    found = {each["name"]: each["least"] for each in json.loads(done.stdout)["credentials"]}
    assert found["ghcr-cluster-demo"] == list(CLUSTER_DEMO.scopes)
    assert found["ghcr-push"] == ["write:packages"]
    assert found["github-admin"] == ["read:packages", "repo", "workflow"]
    assert MIGRATION.scopes == ("read:packages", "write:packages")
