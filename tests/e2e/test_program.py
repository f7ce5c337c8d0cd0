"""The program on the real engine and the real providers: what it plans, what it keeps, what it leaves, how it fails."""

from __future__ import annotations

import base64
import copy
import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import httpx
import pytest
import yaml

from lab import registry_admin
from lab.accounts import ACCOUNTS, GITHUB_ADMIN, MIGRATION
from lab.kubectl import get, kubectl
from tests.e2e import stack as stacks
from tests.e2e.conftest import ROOT, Lab
from tests.e2e.stack import CREATED, EXISTING, TARGET, Stack, encrypted, lines

SECRETS = sorted(
    {form for a in ACCOUNTS for form in (a.token, base64.b64encode(f"{a.user}:{a.token}".encode()).decode())}
)
"""What must not be found: each token, and each as Basic authentication writes it."""


@pytest.fixture(scope="module")
def fresh(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The stack before its first run; the application it migrates is there."""
    for namespace in (EXISTING, CREATED):
        kubectl(lab.env, "delete", "namespace", namespace, "--ignore-not-found")
    kubectl(lab.env, "create", "namespace", EXISTING)
    kubectl(lab.env, "apply", "-f", "-", stdin=json.dumps(stacks.WEB))
    made = stacks.create(lab, tmp_path_factory.mktemp("program"))
    yield made
    made.pulumi("destroy", "--yes", "--skip-preview")
    made.pulumi("stack", "rm", "--yes", "--force")
    for namespace in (EXISTING, CREATED):
        kubectl(lab.env, "delete", "namespace", namespace, "--ignore-not-found", "--wait=false")


@pytest.fixture(scope="module")
def planned(fresh: Stack) -> dict[str, Any]:
    """The engine's plan of the first run."""
    return fresh.preview()


@pytest.fixture(scope="module")
def applied(fresh: Stack, planned: dict[str, Any]) -> Stack:
    """The stack after its first run."""
    done = fresh.up()
    assert done.returncode == 0, done.stdout + done.stderr
    return fresh


@pytest.fixture
def changed(applied: Stack) -> Iterator[Stack]:
    """The applied stack, whose files a test may change: they are put back."""
    kept = {path: path.read_bytes() for path in applied.file.parent.iterdir()}
    yield applied
    for path, content in kept.items():
        path.write_bytes(content)


def operations(plan: dict[str, Any]) -> dict[str, str]:
    """Type and name of each resource -> planned operation."""
    found = {}
    for step in plan["steps"]:
        type_, _, name = step["urn"].split("::", 2)[2].partition("::")
        found[f"{type_.rpartition('$')[2]} {name}"] = step["op"]
    return found


def locked(stack: Stack) -> list[dict[str, Any]]:
    """The lock's entries."""
    found: list[dict[str, Any]] = yaml.safe_load((stack.folder / "images.lock.yaml").read_text())["images"]
    return found


def failed(done: CompletedProcess[str], *expected: str) -> None:
    """A run that failed told each of ``expected`` in a line of its own, and shows neither traceback nor secret."""
    text = done.stdout + done.stderr
    assert done.returncode != 0, text
    for each in expected:
        assert any(each in line for line in lines(done)), text
    assert "Traceback" not in text
    assert not [secret for secret in SECRETS if secret in text]


def test_a_preview_plans_a_patch_for_what_exists_and_a_creation_for_what_does_not(planned: dict[str, Any]) -> None:
    found = operations(planned)
    assert set(found.values()) == {"create"}
    assert f"pulumi-python:dynamic/hub2ghcr:WorkloadPatch lab/{EXISTING}/Deployment/web" in found
    assert f"kubernetes:core/v1:Pod lab/{CREATED}/Pod/one" in found
    assert f"kubernetes:core/v1:Namespace lab/{CREATED}" in found
    assert not [each for each in found if each.startswith("kubernetes:apps/v1:Deployment ")]
    assert f"kubernetes:core/v1:Namespace lab/{EXISTING}" not in found


def test_a_preview_shows_the_very_references_that_will_be_applied(fresh: Stack, planned: dict[str, Any]) -> None:
    (step,) = [each for each in planned["steps"] if "WorkloadPatch" in each["urn"]]
    pod = step["newState"]["inputs"]["document"]["spec"]["template"]["spec"]
    (nginx,) = [each for each in locked(fresh) if each["source"] == "docker.io/library/nginx:1.27"]
    assert pod["containers"] == [{"name": "web", "image": f"{nginx['target']}@{nginx['digest']}"}]


def test_a_preview_changes_nothing(fresh: Stack, planned: dict[str, Any]) -> None:
    (web,) = get(fresh.lab.env, "deployment", "web", "-n", EXISTING)
    assert [each["image"] for each in web["spec"]["template"]["spec"]["containers"]] == [
        "ghcr.io/acme/tools:3",
        "nginx:1.27",
    ]


def test_a_run_changes_the_image_and_adds_the_pull_secret_and_nothing_else(applied: Stack) -> None:
    (web,) = get(applied.lab.env, "deployment", "web", "-n", EXISTING, "--show-managed-fields")
    pod = web["spec"]["template"]["spec"]
    assert pod["containers"][0]["image"] == "ghcr.io/acme/tools:3"
    assert pod["containers"][1]["image"].startswith(f"{TARGET}/library/nginx:1.27@sha256:")
    assert [each["name"] for each in pod["imagePullSecrets"]] == ["listed-before", "hub2ghcr-ghcr"]
    assert web["spec"]["replicas"] == 1
    ours = [each for each in web["metadata"]["managedFields"] if each["manager"] == "hub2ghcr"]
    assert [sorted(each["fieldsV1"]["f:spec"]) for each in ours] == [["f:template"]]


def test_a_second_run_changes_nothing(applied: Stack) -> None:
    done = applied.up("--expect-no-changes")
    assert done.returncode == 0, done.stdout + done.stderr


def test_no_secret_stands_in_the_state_in_plain(applied: Stack) -> None:
    text = json.dumps(applied.state())
    assert not [secret for secret in SECRETS if secret in text]


def test_a_secret_in_the_state_in_plain_would_be_found(applied: Stack) -> None:
    """Negative control: the same search finds every secret that the engine shows when it is asked to."""
    shown = applied.pulumi("stack", "export", "--show-secrets").stdout
    named = [account.token for account in ACCOUNTS if account.user in ("acme-migration", "acme-admin", "acmehub")]
    assert all(token in shown for token in named)


def test_every_encrypted_place_of_the_state_is_known(applied: Stack) -> None:
    found = set()
    for each in applied.state()["deployment"]["resources"]:
        for side in ("inputs", "outputs"):
            found |= {f"{each['type']} {place}" for place in encrypted(each.get(side), side)}
    keys = ("crPatShop", "ghcrClusterDemoToken", "ghcrPushToken", "githubAdminToken", "hubPullToken")
    assert found == {
        *(f"pulumi:providers:pulumi-python {side}.hub2ghcr:{key}" for side in ("inputs", "outputs") for key in keys),
        "pulumi:providers:github inputs.token",
        "pulumi:providers:github outputs.token",
        "github:index/actionsSecret:ActionsSecret inputs.value",
        "github:index/actionsSecret:ActionsSecret outputs.value",
        "github:index/actionsSecret:ActionsSecret outputs.encryptedValue",
        "github:index/actionsSecret:ActionsSecret outputs.plaintextValue",
        "github:index/actionsSecret:ActionsSecret outputs.valueEncrypted",
        "kubernetes:core/v1:Secret inputs.data",
        "kubernetes:core/v1:Secret outputs.__inputs.data",
        "kubernetes:core/v1:Secret outputs.data",
    }


def test_our_own_resources_keep_a_name_and_no_code_in_the_state(applied: Stack) -> None:
    kept = [
        base64.b64decode(each["inputs"]["__provider"])
        for each in applied.state()["deployment"]["resources"]
        if each["type"].startswith("pulumi-python:dynamic")
    ]
    assert kept
    assert max(map(len, kept)) < 100, kept
    assert all(b"components." in each for each in kept)


def test_every_resource_has_a_provider_of_the_stack(applied: Stack) -> None:
    used = {
        each["provider"].split("::")[2].rpartition("$")[2] + " " + each["provider"].split("::")[3]
        for each in applied.state()["deployment"]["resources"]
        if each.get("provider")
    }
    assert used == {
        "pulumi:providers:kubernetes lab",
        "pulumi:providers:github acme",
        "pulumi:providers:pulumi-python default",
    }


@pytest.mark.slow
def test_a_resource_without_a_provider_is_refused_even_where_a_kubeconfig_is_at_hand(applied: Stack) -> None:
    """Negative control of the rule above: the engine itself stops it."""
    folder = applied.folder.parent / "stray"
    (folder / "stacks").mkdir(parents=True)
    shutil.copy(applied.file, folder / "stacks")
    shutil.copy(ROOT / "Pulumi.yaml", folder)
    (folder / "__main__.py").write_text(
        "import pulumi_kubernetes as k\nk.core.v1.ConfigMap('stray', metadata={'namespace': 'default'})\n"
    )
    done = replace(applied, folder=folder).pulumi("preview", KUBECONFIG=applied.lab.env["KUBECONFIG"])
    failed(done, "Default provider for 'kubernetes' disabled")


def test_another_server_url_and_context_replace_nothing(applied: Stack, tmp_path: Path) -> None:
    config = json.loads(Path(applied.lab.env["KUBECONFIG"]).read_text())
    server = config["clusters"][0]["cluster"]["server"].replace("127.0.0.1", "localhost")
    config["clusters"][0]["cluster"]["server"] = server
    moved = tmp_path / "kubeconfig"
    moved.write_text(json.dumps(config))
    found = operations(applied.preview(E2E_KUBECONFIG=str(moved)))
    assert {each for each, op in found.items() if op != "same"} == {"pulumi:providers:kubernetes lab"}
    assert found["pulumi:providers:kubernetes lab"] == "update"


@pytest.mark.slow
def test_another_token_changes_the_pull_secrets_in_place(changed: Stack) -> None:
    """The lab's accounts have one token each: another account that may pull stands for a renewed token."""
    changed.configure({"hub2ghcr:credentials.ghcr-cluster-demo.username": MIGRATION.user})
    changed.pulumi("config", "set", "--secret", "hub2ghcr:ghcrClusterDemoToken", MIGRATION.token)
    found = operations(changed.preview())
    assert {each: op for each, op in found.items() if op != "same"} == {
        f"kubernetes:core/v1:Secret lab/{name}": "update" for name in (EXISTING, CREATED)
    }


def test_a_token_that_opens_nothing_is_refused_before_it_is_written(changed: Stack) -> None:
    changed.pulumi("config", "set", "--secret", "hub2ghcr:ghcrClusterDemoToken", "another-token")
    done = changed.pulumi("preview")
    failed(done, f"Secret {EXISTING}/hub2ghcr-ghcr: stays as it is", f"Secret {CREATED}/hub2ghcr-ghcr: stays as it is")
    assert "another-token" not in done.stdout + done.stderr


def test_a_visibility_that_no_api_sets_is_a_warning_with_the_link(applied: Stack) -> None:
    done = applied.up()
    warnings = [line for line in done.stdout.splitlines() if "warning: package" in line]
    assert warnings, done.stdout
    assert "acme/e2e/acme/shop is private, wanted public: no API sets it" in warnings[0]
    assert "https://github.com/orgs/acme/packages/container/e2e%2Facme%2Fshop/settings" in warnings[0]


def test_an_existing_object_is_not_taken_over(changed: Stack) -> None:
    changed.configure({f"hub2ghcr:clusters.0.namespaces.{EXISTING}.delivery": "own"})
    failed(
        changed.pulumi("preview"), f"Deployment {EXISTING}/web: already exists, managed by ", "set `delivery: patch`"
    )


def test_every_object_that_is_not_as_expected_is_told_at_once(changed: Stack) -> None:
    other = copy.deepcopy(stacks.WEB)
    other["metadata"]["name"] = "missing"
    (changed.file.parent / "app.yaml").write_text(yaml.safe_dump_all([stacks.WEB, other]))
    changed.configure(
        {f"hub2ghcr:clusters.0.namespaces.{name}": {"create": True, "delivery": "own"} for name in ("default", "kube")}
    )
    failed(
        changed.pulumi("preview"),
        f"Deployment {EXISTING}/missing: does not exist, and a patch would create it",
        "Namespace default: already exists, managed by kube-apiserver; set `create: false`",
    )


@pytest.mark.parametrize(
    ("side", "told"),
    [
        (
            "clusters",
            (
                f"Namespace {CREATED}: already exists",
                f"Pod {CREATED}/one: already exists",
                f"Secret {EXISTING}/hub2ghcr-ghcr: already exists",
            ),
        ),
        (
            "github",
            (
                f"acme/shop: Actions secret {stacks.SECRET} already exists",
                f"acme/shop: {stacks.WORKFLOW} already exists",
            ),
        ),
    ],
)
def test_another_stack_takes_over_nothing_that_this_one_made(applied: Stack, side: str, told: tuple[str, ...]) -> None:
    """Each side alone: the engine ends at the first resource that is refused."""
    other = replace(applied, name="other")
    config = yaml.safe_load(applied.file.read_text())
    del config["config"]["hub2ghcr:github" if side == "clusters" else "hub2ghcr:clusters"]
    other.file.write_text(yaml.safe_dump(config, sort_keys=False))
    assert other.pulumi("stack", "init").returncode == 0
    try:
        failed(other.pulumi("preview"), *told)
    finally:
        other.pulumi("stack", "rm", "--yes", "--force", "--preserve-config")
        other.file.unlink()


def test_a_copy_that_is_gone_is_seen_by_a_refresh_and_mended_by_the_next_run(applied: Stack) -> None:
    (entry,) = [each for each in locked(applied) if each["source"] == "docker.io/acme/shop:1.4.2"]
    registry_admin.delete_manifest(applied.lab.state, "ghcr", "acme/e2e/acme/shop", entry["digest"])
    refreshed = applied.pulumi("refresh", "--yes", "--skip-preview")
    assert refreshed.returncode == 0, refreshed.stdout
    found = operations(applied.preview())
    assert {each: op for each, op in found.items() if op != "same"} == {
        f"pulumi-python:dynamic/hub2ghcr:ImageCopy {TARGET}/acme/shop:1.4.2": "create"
    }
    assert applied.up().returncode == 0


@pytest.mark.slow
def test_a_required_copy_that_is_missing_fails_in_a_preview(changed: Stack) -> None:
    """Required are the copies that are there, too: they are no change, and only the missing one is told."""
    (entry,) = [each for each in locked(changed) if each["source"] == "docker.io/acme/shop:1.4.2"]
    changed.configure({"hub2ghcr:images": {"lock": "images.lock.yaml", "mirror": "require"}})
    assert set(operations(changed.preview()).values()) == {"same"}
    registry_admin.delete_manifest(changed.lab.state, "ghcr", "acme/e2e/acme/shop", entry["digest"])
    done = changed.pulumi("preview")
    failed(done, f"{TARGET}/acme/shop:1.4.2: the registry has not {entry['digest']}")
    assert len(lines(done)) == 1, lines(done)
    changed.configure({"hub2ghcr:images": {"lock": "images.lock.yaml", "mirror": "copy"}})
    for command in ("refresh", "up"):
        assert changed.pulumi(command, "--yes", "--skip-preview").returncode == 0


def test_an_unreachable_cluster_is_one_line(applied: Stack, tmp_path: Path) -> None:
    config = json.loads(Path(applied.lab.env["KUBECONFIG"]).read_text())
    config["clusters"][0]["cluster"]["server"] = "https://127.0.0.1:1"
    (tmp_path / "kubeconfig").write_text(json.dumps(config))
    done = applied.pulumi("preview", E2E_KUBECONFIG=str(tmp_path / "kubeconfig"))
    failed(done, "cluster lab: is unreachable")
    assert len(lines(done)) == 1, lines(done)


@pytest.mark.parametrize(("token", "told"), [("wrong", "refuses the credential (401)"), ("", "may not")])
def test_a_cluster_that_refuses_the_token_is_one_line(applied: Stack, tmp_path: Path, token: str, told: str) -> None:
    config = json.loads(Path(applied.lab.env["KUBECONFIG"]).read_text())
    token = token or kubectl(applied.lab.env, "create", "token", "default", "-n", EXISTING).strip()
    config["users"][0]["user"] = {"token": token}
    (tmp_path / "kubeconfig").write_text(json.dumps(config))
    done = applied.pulumi("preview", E2E_KUBECONFIG=str(tmp_path / "kubeconfig"))
    failed(done, told)
    assert token not in done.stdout + done.stderr
    assert len(lines(done)) == 1, lines(done)


def test_an_unreachable_registry_is_one_line(applied: Stack) -> None:
    done = applied.pulumi("refresh", "--yes", "--skip-preview", "--target", f"**{TARGET}/library/nginx:1.27",
                          LAB_GHCR_URL="http://127.0.0.1:1")  # fmt: skip
    failed(done, "ghcr.io")


@pytest.mark.slow
def test_a_registry_that_refuses_the_token_is_one_line(changed: Stack) -> None:
    changed.pulumi("config", "set", "--secret", "hub2ghcr:ghcrPushToken", "refused-token")
    other = copy.deepcopy(stacks.NEW[0])
    other["metadata"]["name"] = "two"
    other["spec"]["containers"][0]["image"] = "acme/shop:1.4.3"
    (changed.file.parent / "new.yaml").write_text(yaml.safe_dump_all([*stacks.NEW, other]))
    lock = changed.folder / "images.lock.yaml"
    kept = lock.read_bytes()
    try:
        changed.lab.run("hub2ghcr", "lock", "-s", stacks.NAME, cwd=changed.folder)
        done = changed.up()
    finally:
        lock.write_bytes(kept)
    failed(done, "ghcr.io/acme/e2e/acme/shop:1.4.3: refused to acme-migration")
    assert "refused-token" not in done.stdout + done.stderr


@pytest.mark.slow
def test_an_unreachable_github_is_told_without_traceback(applied: Stack) -> None:
    done = applied.pulumi("preview", LAB_GITHUB_URL="http://127.0.0.1:1")
    failed(done, "GitHub is unreachable")
    assert len(lines(done)) == 1, lines(done)


def test_a_github_that_refuses_the_token_is_told_without_traceback(changed: Stack) -> None:
    changed.pulumi("config", "set", "--secret", "hub2ghcr:githubAdminToken", "refused-token")
    done = changed.pulumi("preview")
    failed(done, "GitHub refuses the token of acme-admin (401)")
    assert len(lines(done)) == 1, lines(done)
    assert "refused-token" not in done.stdout + done.stderr


def test_a_missing_secret_is_one_line_with_the_remedy(changed: Stack) -> None:
    changed.pulumi("config", "rm", "hub2ghcr:ghcrPushToken")
    done = changed.pulumi("preview")
    failed(done, "pulumi config set --secret hub2ghcr:ghcrPushToken")
    assert len(lines(done)) == 1, lines(done)


@pytest.mark.slow
def test_refresh_and_destroy_need_no_program_and_leave_what_runs(applied: Stack) -> None:
    """Last: only the project file and the stack's configuration, and our package where Python finds it."""
    folder = applied.folder.parent / "bare"
    (folder / "stacks").mkdir(parents=True)
    shutil.copy(applied.file, folder / "stacks")
    shutil.copy(ROOT / "Pulumi.yaml", folder)
    (folder / ".venv").symlink_to(ROOT / ".venv")
    # the engine refreshes and destroys with the configuration of the last run
    assert applied.up().returncode == 0
    bare = replace(applied, folder=folder)
    for command in ("refresh", "destroy"):
        done = bare.pulumi(command, "--yes", "--skip-preview", PYTHONPATH=str(ROOT))
        assert done.returncode == 0, done.stdout + done.stderr
    assert applied.state()["deployment"].get("resources", []) == []
    env = applied.lab.env
    (web,) = get(env, "deployment", "web", "-n", EXISTING)
    assert web["spec"]["template"]["spec"]["containers"][1]["image"].startswith(f"{TARGET}/library/nginx:1.27@")
    assert [each["metadata"]["name"] for each in get(env, "secret", "-n", EXISTING)] == ["hub2ghcr-ghcr"]
    assert [each["metadata"]["name"] for each in get(env, "pod", "-n", CREATED)] == ["one"]
    present = httpx.head(
        f"{env['LAB_GHCR_URL']}/v2/acme/e2e/library/nginx/manifests/1.27",
        headers={
            "Authorization": f"Bearer {registry_admin.token(applied.lab.state, 'ghcr', 'acme/e2e/library/nginx')}"
        },
    )
    assert present.status_code == 200
    with httpx.Client(base_url=env["LAB_GITHUB_URL"], headers={"Authorization": f"Bearer {GITHUB_ADMIN.token}"}) as api:
        assert api.get(f"/api/v3/repos/acme/shop/contents/{stacks.WORKFLOW}").status_code == 200
