"""Workloads from an overlay, from a chart, and from a repository that somebody else applies, on the lab's cluster."""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from subprocess import CompletedProcess
from typing import Any

import httpx
import pytest

from lab import github_admin, toolchain
from lab.accounts import GITHUB_ADMIN
from lab.kubectl import get, kubectl
from tests.e2e import proving
from tests.e2e.conftest import Lab
from tests.e2e.stack import Stack

pytestmark = [pytest.mark.e2e, pytest.mark.root]

NAME = "sources"
OVERLAY, CHART, GITOPS = "e2e-overlay", "e2e-chart", "e2e-gitops"
MANIFEST = "apps/gitops/web.yaml"

WEB = """# kept by the team
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
        - name: web  # the only one
          image: "nginx:1.27"
"""
FILES = {
    "overlays/base/kustomization.yaml": "resources: [web.yaml]\n",
    "overlays/base/web.yaml": WEB,
    "overlays/prod/kustomization.yaml": (
        f"namespace: {OVERLAY}\nnamePrefix: prod-\nresources: [../base]\n"
        "secretGenerator: [{name: hidden, literals: [password=s3cret-value]}]\n"
    ),
    "charts/shop/Chart.yaml": "apiVersion: v2\nname: shop\nversion: 1.0.0\n",
    "charts/shop/values.yaml": "image: nginx:1.27\n",
    "charts/shop/templates/web.yaml": WEB.replace("nginx:1.27", "{{ .Values.image }}").replace(
        "{name: web}", "{name: {{ .Release.Name }}-web}"
    ),
    "charts/shop/templates/hook.yaml": (
        "apiVersion: batch/v1\nkind: Job\nmetadata: {name: migrate, annotations: {helm.sh/hook: pre-upgrade}}\n"
        'spec: {template: {spec: {restartPolicy: Never, containers: [{name: a, image: "nginx:1.27"}]}}}\n'
    ),
    "charts/values-prod.yaml": "image: acme/shop:1.4.2\n",
    "deploy/web.yaml": WEB,
}


@dataclass
class Sources:
    """A stack with the three namespaces, and the repository acme/deploy that is applied to the third."""

    stack: Stack

    @property
    def env(self) -> Any:
        return self.stack.lab.env

    def phase(self, phase: str) -> CompletedProcess[str]:
        self.stack.configure({"hub2ghcr:phase": phase})
        done = self.stack.up()
        assert done.returncode == 0, done.stdout + done.stderr
        return done

    def render(self, *flags: str) -> CompletedProcess[str]:
        command = ("hub2ghcr", "render", "-s", NAME, *flags)
        token = GITHUB_ADMIN.token
        return self.stack.lab.run(*command, cwd=self.stack.folder, HUB2GHCR_SECRET_GITHUB_ADMIN_TOKEN=token)

    def github(self, method: str, path: str, **body: Any) -> Any:
        login = {"Authorization": f"Bearer {GITHUB_ADMIN.token}"}
        url = f"{self.env['LAB_GITHUB_URL']}/api/v3/repos/acme/deploy/{path}"
        answer = httpx.request(method, url, headers=login, json=body or None, trust_env=False, timeout=20)
        answer.raise_for_status()
        return answer.json()

    def manifest(self) -> str:
        """What the repository's default branch has."""
        return base64.b64decode(self.github("GET", f"contents/{MANIFEST}")["content"]).decode()

    def sync(self) -> None:
        """Apply the repository, as who watches it does."""
        kubectl(self.env, "apply", "-n", GITOPS, "--server-side", "--field-manager=argocd-controller", "-f", "-",
                stdin=self.manifest())  # fmt: skip

    def runs_on_its_image(self, namespace: str) -> None:
        """Wait until the Pods that run are those of the Deployment's image."""
        wanted = {self.image(namespace)}
        proving.until(lambda: proving.named(self.env, namespace) == wanted, f"Pods of {namespace} run {wanted}")

    def image(self, namespace: str) -> str:
        [image] = proving.images(self.env, namespace).values()
        return image


@pytest.fixture(scope="module")
def sources(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sources]:
    """The applications as their teams run them, and the stack before its first run."""
    folder = tmp_path_factory.mktemp(NAME)
    for name, text in FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    programs = os.pathsep.join(map(str, toolchain.resolve(["helm", "kustomize"], quiet=True).folders))
    with_programs = Lab(lab.state, lab.tools, {**lab.env, "PATH": f"{programs}:{lab.env['PATH']}"})
    for namespace in (OVERLAY, CHART, GITOPS):
        kubectl(lab.env, "delete", "namespace", namespace, "--ignore-not-found", "--timeout=60s")
    for namespace in (OVERLAY, GITOPS):
        kubectl(lab.env, "create", "namespace", namespace)
    built = with_programs.run("kustomize", "build", "overlays/prod", cwd=folder)
    kubectl(lab.env, "apply", "-f", "-", stdin=built.stdout)
    github_admin.add_repository(lab.state, "acme", "deploy", {MANIFEST: WEB, "README.md": "watched\n"})
    render = {"repository": "acme/deploy", "path": "apps/gitops", "branch": "hub2ghcr/gitops"}
    helm = {"helm": "charts/shop", "release": "green", "values": ["charts/values-prod.yaml"]}
    namespaces: dict[str, Any] = {
        OVERLAY: {"manifests": [{"kustomize": "overlays/prod"}]},
        CHART: {"create": True, "delivery": "own", "manifests": [helm]},
        GITOPS: {"delivery": "render", "manifests": ["deploy"], "render": render},
    }
    cluster = proving.cluster("lab", lab.env["KUBECONFIG"], **namespaces)
    github = {"owner": "acme", "endpoint": "${LAB_GITHUB_URL}", "credential": "github-admin"}
    found = Sources(proving.create(with_programs, folder, NAME, [cluster], {}, github=github))
    found.sync()
    proving.settle(lab.env, OVERLAY)
    proving.settle(lab.env, GITOPS)
    yield found
    found.phase("prepare")
    found.stack.pulumi("destroy", "--yes", "--skip-preview")
    found.stack.pulumi("stack", "rm", "--yes", "--force")
    for namespace in (OVERLAY, CHART, GITOPS):
        kubectl(lab.env, "delete", "namespace", namespace, "--ignore-not-found", "--wait=false")


@pytest.fixture(scope="module")
def switched(sources: Sources) -> Sources:
    """The stack in phase cutover, from phase prepare."""
    sources.phase("prepare")
    assert {sources.image(namespace) for namespace in (OVERLAY, GITOPS)} == {"nginx:1.27"}
    sources.phase("cutover")
    return sources


def test_the_plan_says_what_overlays_and_charts_were_made_of(sources: Sources) -> None:
    command = ("hub2ghcr", "plan", "-s", NAME, "--output", "json")
    told = sources.stack.lab.run(*command, cwd=sources.stack.folder)
    assert told.returncode == 0, told.stderr
    plan = json.loads(told.stdout)
    made = {ns["name"]: ns["sources"] for ns in plan["clusters"][0]["namespaces"]}
    assert [(each["path"], each["renderedBy"]) for each in made[OVERLAY]] == [("overlays/prod", "kustomize")]
    assert [(each["path"], each["renderedBy"]) for each in made[CHART]] == [("charts/shop", "helm")]
    assert made[OVERLAY][0]["digest"].startswith("sha256:")
    assert any("hooks" in each and "Job migrate" in each for each in plan["warnings"])
    assert "s3cret" not in told.stdout and base64.b64encode(b"s3cret-value").decode() not in told.stdout


def test_an_overlays_workload_is_patched_and_keeps_running(switched: Sources) -> None:
    proving.settle(switched.env, OVERLAY)
    assert switched.image(OVERLAY).startswith("ghcr.io/acme/sources/library/nginx:1.27@sha256:")
    switched.runs_on_its_image(OVERLAY)


def test_a_charts_workload_is_made_and_runs_on_ghcr(switched: Sources) -> None:
    proving.settle(switched.env, CHART)
    [made] = get(switched.env, "deployments", "-n", CHART)
    assert made["metadata"]["name"] == "green-web"
    assert switched.image(CHART).startswith("ghcr.io/acme/sources/acme/shop:1.4.2@sha256:")
    switched.runs_on_its_image(CHART)


def test_a_rendered_namespace_gets_access_and_no_workload(switched: Sources) -> None:
    resources = switched.stack.state()["deployment"]["resources"]
    here = [each["urn"] for each in resources if f"/{GITOPS}" in each["urn"]]
    assert here and not any("Deployment" in urn or "WorkloadPatch" in urn for urn in here)
    assert [each["metadata"]["name"] for each in get(switched.env, "secrets", "-n", GITOPS)] == ["hub2ghcr-ghcr"]
    assert switched.image(GITOPS) == "nginx:1.27"
    assert proving.generations(switched.env, GITOPS) == {"web": 1}


@pytest.mark.slow
def test_a_pull_request_is_made_once_merged_and_applied_by_who_watches(switched: Sources) -> None:
    first = switched.render()
    assert first.returncode == 0 and first.stdout.startswith("opened: "), first.stdout + first.stderr
    again = switched.render()
    assert again.stdout == first.stdout.replace("opened", "unchanged")
    [pull] = switched.github("GET", "pulls")
    assert pull["head"]["ref"] == "hub2ghcr/gitops" and "nginx:1.27" in pull["body"]
    full = switched.github("GET", f"pulls/{pull['number']}")
    assert (full["commits"], full["changed_files"]) == (1, 1)

    switched.sync()  # what is not merged is not applied
    assert switched.image(GITOPS) == "nginx:1.27"

    switched.github("PUT", f"pulls/{pull['number']}/merge", merge_method="squash")
    switched.sync()
    proving.settle(switched.env, GITOPS)
    assert switched.image(GITOPS).startswith("ghcr.io/acme/sources/library/nginx:1.27@sha256:")
    switched.runs_on_its_image(GITOPS)
    before, after = WEB.splitlines(), switched.manifest().splitlines()
    kept = [line for line in before if "image:" not in line]
    assert [line for line in after if line in kept] == kept
    assert switched.render().stdout == "unchanged: acme/deploy (1 file)\n"
    assert switched.render("--check").returncode == 0


@pytest.mark.slow
def test_the_way_back_is_a_pull_request_too_and_a_declined_one_is_reported(switched: Sources) -> None:
    switched.stack.configure({"hub2ghcr:phase": "prepare"})
    back = switched.render()
    assert back.stdout.startswith("opened: "), back.stdout + back.stderr
    [pull] = switched.github("GET", "pulls")
    assert pull["title"] == f"{GITOPS}: images as they were"
    switched.github("PATCH", f"pulls/{pull['number']}", state="closed")
    declined = switched.render()
    assert declined.returncode == 1
    assert "was closed without being merged, and is not opened again" in declined.stderr
    assert switched.github("GET", "pulls") == []
    assert github_admin.violations(switched.stack.lab.state) == []
