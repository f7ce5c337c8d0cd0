"""The real GitHub provider and each kind of secret: created, changed, drifted, gone and deleted at the lab's GitHub."""

from __future__ import annotations

import json
import os
import subprocess
import textwrap
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest

from lab import environment, github, github_admin
from lab.toolchain import Toolchain

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

OWNER = "lab-acme-owner"
PROGRAM = """
import json
import os
import pulumi
import pulumi_github as github

provider = github.Provider(
    "lab", base_url=os.environ["LAB_GITHUB_URL"] + "/", owner="acme", token=os.environ["TOKEN"], write_delay_ms=0
)
options = pulumi.ResourceOptions(provider=provider)
value = pulumi.Output.secret(os.environ["TEXT"])
shop = int(os.environ["SHOP"])

production = github.RepositoryEnvironment("production", repository="shop", environment="prod/eu", opts=options)
github.ActionsEnvironmentSecret(
    "environment", repository="shop", environment=production.environment, secret_name="CR_PAT", value=value,
    opts=options,
)
github.DependabotSecret("dependabot", repository="shop", secret_name="CR_PAT", value=value, opts=options)
github.ActionsOrganizationSecret("all", secret_name="FOR_ALL", visibility="all", value=value, opts=options)
chosen = github.ActionsOrganizationSecret(
    "selected", secret_name="CHOSEN", visibility="selected", value=value, opts=options
)
github.ActionsOrganizationSecretRepositories(
    "repositories", secret_name=chosen.secret_name, selected_repository_ids=[shop], opts=options
)
github.DependabotOrganizationSecret("both", secret_name="FOR_ALL", visibility="private", value=value, opts=options)
"""

PLACES: Mapping[str, Mapping[str, Any]] = {
    "environment": {"repository": "shop", "name": "CR_PAT", "environment": "prod/eu"},
    "dependabot": {"repository": "shop", "name": "CR_PAT", "kind": "dependabot"},
    "organization": {"repository": "", "name": "FOR_ALL"},
    "selected": {"repository": "", "name": "CHOSEN"},
    "organization's dependabot": {"repository": "", "name": "FOR_ALL", "kind": "dependabot"},
}


@pytest.fixture
def lab_folder(tmp_path: Path) -> Iterator[Path]:
    state = tmp_path / "lab"
    github.up(state)
    github_admin.add_token(state, "acme-admin", OWNER, ["admin:org", "repo"])
    yield state
    github.down(state)


@pytest.fixture
def api(lab_folder: Path) -> Iterator[httpx.Client]:
    headers = {"Authorization": f"Bearer {OWNER}"}
    with httpx.Client(base_url=f"{github.endpoint(lab_folder)}/api/v3", headers=headers, trust_env=False) as client:
        yield client


@pytest.fixture
def pulumi(tmp_path: Path, lab_folder: Path, lab_tools: Toolchain, api: httpx.Client) -> Callable[..., str]:
    program = tmp_path / "program"
    program.mkdir()
    (program / "Pulumi.yaml").write_text("name: secrets\nruntime: python\n")
    (program / "__main__.py").write_text(textwrap.dedent(PROGRAM))
    shop = str(api.get("/repos/acme/shop").json()["id"])
    env = {**os.environ, **environment.environment(lab_folder, lab_tools), "TOKEN": OWNER, "SHOP": shop}

    def run(*arguments: str, text: str = "first-value", token: str = OWNER, fails: bool = False) -> str:
        done = subprocess.run(
            ["pulumi", *arguments, "--non-interactive", "--color", "never"],
            cwd=program,
            env={**env, "TEXT": text, "TOKEN": token},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert (done.returncode != 0) is fails, done.stdout + done.stderr
        return done.stdout + done.stderr

    run("stack", "init", "secrets")
    return run


def _values(state: Path) -> set[str]:
    return {github_admin.secret(state, "acme", **place) for place in PLACES.values()}


def _drifted(exported: str) -> int:
    """How many secrets the state knows to be changed by others: GitHub's time of change is not ours."""
    outputs = [one.get("outputs", {}) for one in json.loads(exported)["deployment"]["resources"]]
    return sum(one.get("remoteUpdatedAt", "") != one.get("updatedAt", "") for one in outputs)


def test_every_kind_of_secret_is_what_was_set_and_tells_when_others_changed_it(
    lab_folder: Path, pulumi: Callable[..., str], api: httpx.Client
) -> None:
    up = ("up", "--yes", "--skip-preview")
    assert "+ 9 created" in pulumi(*up)
    assert _values(lab_folder) == {"first-value"}
    pulumi("preview", "--expect-no-changes")
    pulumi("refresh", "--yes", "--skip-preview", "--expect-no-changes")
    selected = api.get("/orgs/acme/actions/secrets/CHOSEN/repositories").json()["repositories"]
    assert [one["name"] for one in selected] == ["shop"]
    assert github_admin.secrets(lab_folder, "acme", "shop") == {"CHOSEN": "first-value", "FOR_ALL": "first-value"}

    assert "~ 5 updated" in pulumi(*up, text="second value")
    assert _values(lab_folder) == {"second value"}
    assert "second value" not in pulumi("stack", "export")

    time.sleep(1.1)  # GitHub tells of a change by its second
    for place in PLACES.values():
        github_admin.set_secret(lab_folder, "acme", value="of somebody else", **place)
    pulumi("refresh", "--yes", "--skip-preview", text="second value")
    assert _drifted(pulumi("stack", "export")) == len(PLACES)
    pulumi(*up, text="second value")
    assert _values(lab_folder) == {"of somebody else"}, "the provider sees it, and by itself sets nothing again"
    assert "~ 5 updated" in pulumi(*up, text="third value")
    assert _values(lab_folder) == {"third value"}
    assert _drifted(pulumi("stack", "export")) == 0

    assert api.delete("/repos/acme/shop/dependabot/secrets/CR_PAT").status_code == 204
    assert "+ 1 created" in pulumi(*up, "--refresh", text="third value")
    assert _values(lab_folder) == {"third value"}

    assert "- 9 deleted" in pulumi("destroy", "--yes", "--skip-preview", text="third value")
    assert api.get("/orgs/acme/actions/secrets").json()["total_count"] == 0
    assert api.get("/repos/acme/shop/environments").json()["total_count"] == 0
    assert github_admin.violations(lab_folder) == []
    assert all("{" in path or path.endswith("/user") for path in github_admin.counters(lab_folder)), "an unknown route"


def test_a_token_without_the_scope_sets_no_secret_of_the_organisation(
    lab_folder: Path, pulumi: Callable[..., str]
) -> None:
    """The control of the test above: what the stand-in takes is not just anything."""
    github_admin.add_token(lab_folder, "acme-admin", "lab-repo-alone", ["repo"])
    said = pulumi("up", "--yes", "--skip-preview", "--continue-on-error", token="lab-repo-alone", fails=True)
    assert "You must be an org admin" in said
    assert github_admin.secret(lab_folder, "acme", **PLACES["dependabot"]) == "first-value"
