"""The main job on real parts: what the demo promises, asked of the cluster, the registries and GitHub's API."""

from __future__ import annotations

import base64
import json
import shutil
from pathlib import Path

import httpx
import pytest
import yaml

from lab import cluster, demo, github_admin
from lab.accounts import CLUSTER_DEMO, GITHUB_ADMIN, SHOP_PUBLISHER
from lab.kubectl import get, kubectl
from lab.running import Container, containers
from tests.e2e.conftest import ROOT, Lab
from tests.e2e.stack import Stack

WORKFLOW = ".github/workflows/docker-publish.yml"


def github(lab: Lab) -> httpx.Client:
    return httpx.Client(
        base_url=lab.env["LAB_GITHUB_URL"].rstrip("/"),
        headers={"Authorization": f"Bearer {GITHUB_ADMIN.token}"},
        trust_env=False,
    )


def rows(lab: Lab) -> dict[str, Container]:
    return {f"{r.namespace}/{r.workload}/{r.container}": r for r in containers(lab.env, demo.NAMESPACES)}


def test_every_docker_hub_image_runs_from_ghcr(migrated: Lab) -> None:
    found = rows(migrated)
    assert len(found) == 12
    assert demo.not_migrated(found.values(), pulled=cluster.pulls(migrated.state)) == []


def test_a_container_left_on_docker_hub_would_be_noticed(migrated: Lab) -> None:
    """Negative control of the proof above."""
    left = Container("shop", "Deployment/web", "web", "nginx:1.27", "docker.io/library/nginx@sha256:0", "", "Running")
    broken = Container("shop", "Deployment/web", "web", "ghcr.io/a/b:1", "ghcr.io/a/b@sha256:0", "", "ImagePullBackOff")
    assert demo.not_migrated([left], pulled=True) != []
    assert demo.not_migrated([broken], pulled=True) != []


def test_images_that_must_not_move_have_not_moved(migrated: Lab) -> None:
    found = rows(migrated)
    assert found["shop/Deployment/metrics/exporter"].image == "quay.io/acme-quay/metrics:2.1"
    assert found["jobs/Deployment/worker/proxy"].image == "mynginx:local"
    assert found["jobs/Deployment/worker/tools"].image == "ghcr.io/acme/tools:3"


def test_image_references_are_the_locked_ones(migrated: Lab) -> None:
    locked = {
        entry["target"].rpartition("@")[0] or entry["target"]: entry["digest"]
        for entry in yaml.safe_load((ROOT / "images.lock.yaml").read_text())["images"]
    }
    assert locked
    for row in rows(migrated).values():
        if row.image.startswith("ghcr.io/") and row.image != "ghcr.io/acme/tools:3":
            name, _, digest = row.image.partition("@")
            assert digest in {d for target, d in locked.items() if target.startswith(name)}, row.image


@pytest.mark.root
def test_the_kubelet_pulled_from_ghcr(migrated: Lab) -> None:
    """Events of a real pull, for an image that no node had before."""
    events = [e["message"] for e in get(migrated.env, "events", "-n", "smoke") if e["reason"] == "Pulled"]
    ours = [e["message"] for e in get(migrated.env, "events", "-n", "shop") if e["reason"] == "Pulled"]
    assert any('pulled image "ghcr.io/acme/' in message for message in events + ours), events + ours


@pytest.mark.root
def test_without_the_pull_secret_the_same_image_cannot_be_pulled(migrated: Lab) -> None:
    """Negative control: the copies are private, so it was the namespace's credential that pulled them."""
    kubectl(migrated.env, "create", "namespace", "bare")
    try:
        kubectl(migrated.env, "wait", "--for=create", "serviceaccount/default", "-n", "bare", "--timeout=30s")
        image = rows(migrated)["shop/Deployment/shop/shop"].image.replace("ghcr.io/acme/shop:", "ghcr.io/acme/shop:")
        pod = {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"name": "bare", "namespace": "bare"},
            "spec": {"containers": [{"name": "c", "image": image, "imagePullPolicy": "Always"}]},
        }
        kubectl(migrated.env, "apply", "-f", "-", stdin=json.dumps(pod))
        kubectl(
            migrated.env, "wait", "pod/bare", "-n", "bare", "--timeout=60s",
            "--for=jsonpath={.status.containerStatuses[0].state.waiting.reason}=ErrImagePull",
        )  # fmt: skip
    finally:
        kubectl(migrated.env, "delete", "namespace", "bare", "--wait=false")


def test_each_namespace_has_the_clusters_own_credential(migrated: Lab) -> None:
    for namespace in demo.NAMESPACES:
        (secret,) = get(migrated.env, "secret", "hub2ghcr-ghcr", "-n", namespace)
        assert secret["type"] == "kubernetes.io/dockerconfigjson"
        config = json.loads(base64.b64decode(secret["data"][".dockerconfigjson"]))
        assert list(config["auths"]) == ["ghcr.io"]
        assert config["auths"]["ghcr.io"]["username"] == CLUSTER_DEMO.user
        assert config["auths"]["ghcr.io"]["password"] == CLUSTER_DEMO.token


def test_the_service_accounts_pull_secret_survives(migrated: Lab) -> None:
    """A pod spec that listed no pull Secret keeps its ServiceAccount's beside ours."""
    (deployment,) = get(migrated.env, "deployment", "metrics", "-n", "shop")
    names = [s["name"] for s in deployment["spec"]["template"]["spec"]["imagePullSecrets"]]
    assert sorted(names) == ["hub2ghcr-ghcr", "quay-pull"]


def test_pull_secrets_that_were_listed_stay(migrated: Lab) -> None:
    (deployment,) = get(migrated.env, "deployment", "worker", "-n", "jobs")
    names = [s["name"] for s in deployment["spec"]["template"]["spec"]["imagePullSecrets"]]
    assert sorted(names) == ["hub-pull", "hub2ghcr-ghcr"]


def test_the_repository_has_its_own_token_sealed_for_github(migrated: Lab) -> None:
    with github(migrated) as api:
        assert api.get("/api/v3/repos/acme/shop/actions/secrets/CR_PAT").status_code == 200
    assert github_admin.secret(migrated.state, "acme", "shop", "CR_PAT") == SHOP_PUBLISHER.token


def test_the_workflow_is_on_the_default_branch(migrated: Lab) -> None:
    with github(migrated) as api:
        file = api.get(f"/api/v3/repos/acme/shop/contents/{WORKFLOW}").json()
    workflow = yaml.safe_load(base64.b64decode(file["content"]))
    assert "CR_PAT" in json.dumps(workflow)


def test_copied_images_appear_as_packages(migrated: Lab) -> None:
    names = ("shop", "cart", "worker", "report", "mirror%2Fnginx", "mirror%2Fredis")
    with github(migrated) as api:
        found = [api.get(f"/api/v3/orgs/acme/packages/container/{name}").status_code for name in names]
        assert api.get("/api/v3/orgs/acme/packages/container/never-copied").status_code == 404
    assert set(found) == {200}


def test_the_demo_told_its_story(migrated: Lab) -> None:
    told = (migrated.state / "demo.txt").read_text()
    assert "before" in told
    assert "after" in told
    assert "package shop" in told


def test_every_exchange_with_github_kept_to_its_published_description(migrated: Lab) -> None:
    assert github_admin.violations(migrated.state) == []


@pytest.mark.slow
def test_the_demos_settings_lead_through_all_phases_and_back(migrated: Lab, tmp_path: Path) -> None:
    """What its users try next. It ends where it began."""
    stack = Stack(migrated, tmp_path, name="demo")
    for name in ("Pulumi.yaml", "__main__.py", "components", "hub2ghcr", "requirements.txt", ".venv"):
        (tmp_path / name).symlink_to(ROOT / name)
    shutil.copytree(ROOT / "stacks", tmp_path / "stacks")
    shutil.copy(ROOT / "images.lock.yaml", tmp_path)
    for phase in ("seal", "prepare", "cutover"):
        stack.configure({"hub2ghcr:phase": phase})
        done = stack.up()
        assert done.returncode == 0, done.stdout + done.stderr
        found = rows(migrated)
        assert len(found) == 12
        left = demo.not_migrated(found.values(), pulled=cluster.pulls(migrated.state))
        # after the way back the runtime calls an image by the first name that it had there
        assert phase == "cutover" or (left == []) is (phase == "seal")
