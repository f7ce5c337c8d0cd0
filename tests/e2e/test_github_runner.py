"""A workflow's own steps, run as a runner would: what is pushed where, with which token, and what a fork never sees."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from lab import cluster, github_admin, images, registry_admin
from lab.accounts import CLUSTER_DEMO, HUB_PUBLISHER
from lab.application import pull_secret
from lab.errors import LabError
from lab.kubectl import get, kubectl
from lab.registry_config import Place
from lab.runner import event
from tests.e2e.conftest import ROOT, Lab
from tests.e2e.test_cluster import apply, pod, running, wait_for
from tests.e2e.workshop import DOCKERFILE, NAME, PATH, Workshop, workshop

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

WORKFLOW = """
name: publish
on:
  push:
    branches: ['**']
    tags: ['v*']
  pull_request:
permissions: {}
jobs:
  test:
    if: github.event_name == 'pull_request'
    runs-on: ubuntu-latest
    permissions:
      contents: read
    steps:
    - uses: actions/checkout@08c6903cd8c0fde910a37f88322edcfb5dd907a8 # v5.0.0
    - run: |
        echo "token=${{ secrets.GITHUB_TOKEN != '' }} pat=${{ secrets.CR_PAT != '' }}"
        echo "fork=${{ github.event.pull_request.head.repo.fork }}"
    - uses: docker/build-push-action@c3c9e263c25d99ce0380d002d59b67737d91b0dc # v7.4.0
      with:
        context: .
        target: tests
        push: false
  publish:
    if: >-
      github.event_name == 'push' && (github.ref_type == 'tag'
      || github.ref_name == github.event.repository.default_branch)
    runs-on: ubuntu-latest
    permissions:
      contents: read
      packages: write
      id-token: write
      attestations: write
    steps:
    - uses: docker/setup-buildx-action@f87e5991a6d7451dcb8d9637bfbc97413f497069 # v4.4.1
    - uses: docker/login-action@dbcb813823bdd20940b903addbd779551569679f # v4.6.0
      with:
        registry: ghcr.io
        username: ${{ github.actor }}
        password: ${{ secrets.GITHUB_TOKEN }}
    - uses: docker/login-action@dbcb813823bdd20940b903addbd779551569679f # v4.6.0
      with:
        username: acmehub-ci
        password: ${{ secrets.DOCKERHUB_TOKEN }}
    - id: metadata
      uses: docker/metadata-action@dc802804100637a589fabce1cb79ff13a1411302 # v6.2.0
      with:
        images: |
          ghcr.io/acme/runner
          acme/runner
        flavor: latest=false
        tags: |
          type=raw,value=latest,enable={{is_default_branch}}
          type=match,pattern=v(.*),group=1
    - id: build
      uses: docker/build-push-action@c3c9e263c25d99ce0380d002d59b67737d91b0dc # v7.4.0
      with:
        context: "{{defaultContext}}"
        platforms: linux/amd64,linux/arm64
        push: true
        tags: ${{ steps.metadata.outputs.tags }}
        labels: ${{ steps.metadata.outputs.labels }}
        cache-from: type=gha
    - uses: actions/attest@1e69f48acb82d1966a394da916b4c1698aa569d6 # v4.2.2
      with:
        subject-name: ghcr.io/acme/runner
        subject-digest: ${{ steps.build.outputs.digest }}
        push-to-registry: true
"""
SCRIPT = """
on: push
jobs:
  push:
    runs-on: ubuntu-latest
    permissions:
      packages: write
    steps:
    - uses: actions/checkout@08c6903cd8c0fde910a37f88322edcfb5dd907a8 # v5.0.0
    - run: |
        name=ghcr.io/$(echo '${{ github.repository }}' | tr A-Z a-z)-script
        echo "${{ secrets.GITHUB_TOKEN }}" | docker login https://ghcr.io -u "${{ github.actor }}" --password-stdin
        docker build . --file Dockerfile --tag image
        docker tag image "$name:1"
        docker push "$name:1"
"""


HUB_WORKFLOW = """
name: Publish
on:
  push:
    branches: [main]
    tags: ['v*']
  pull_request:
env:
  IMAGE: acme/migrated   # on Docker Hub
jobs:
  image:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@08c6903cd8c0fde910a37f88322edcfb5dd907a8 # v5.0.0
      - uses: docker/setup-buildx-action@f87e5991a6d7451dcb8d9637bfbc97413f497069 # v4.4.1
      - name: Log in to Docker Hub
        if: github.event_name != 'pull_request'
        uses: docker/login-action@dbcb813823bdd20940b903addbd779551569679f # v4.6.0
        with:
          username: ${{ secrets.DOCKERHUB_USERNAME }}
          password: ${{ secrets.DOCKERHUB_TOKEN }}
      - uses: docker/metadata-action@dc802804100637a589fabce1cb79ff13a1411302 # v6.2.0
        id: meta
        with:
          images: ${{ env.IMAGE }}
          tags: |
            type=ref,event=branch
            type=raw,value=latest,enable={{is_default_branch}}
      - uses: docker/build-push-action@c3c9e263c25d99ce0380d002d59b67737d91b0dc # v7.4.0
        with:
          context: .
          push: ${{ github.event_name != 'pull_request' }}
          tags: ${{ steps.meta.outputs.tags }}
          labels: ${{ steps.meta.outputs.labels }}
  script:
    if: github.event_name == 'push'
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@08c6903cd8c0fde910a37f88322edcfb5dd907a8 # v5.0.0
      - run: |
          echo "${{ secrets.DOCKERHUB_TOKEN }}" | docker login -u "${{ secrets.DOCKERHUB_USERNAME }}" --password-stdin
          docker build . --tag "$IMAGE-script:edge"
          docker push "$IMAGE-script:edge"
"""
"""As many repositories have it: by actions, and in a script."""


@pytest.fixture
def publishing(lab_state: Path, lab_registries: Mapping[str, str]) -> Workshop:
    return workshop(lab_state, WORKFLOW)


def test_a_release_is_pushed_to_both_registries_under_one_digest_and_linked(publishing: Workshop) -> None:
    commit = publishing.commit({"app": "program 1"})
    done = publishing.run(event.tag("v1.2", commit))
    assert done.conclusion == "success", done.log
    assert done.jobs == {"test": "skipped", "publish": "success"}
    digest = publishing.digest("ghcr", "1.2")
    assert digest and publishing.digest("hub", "1.2") == digest
    assert publishing.digest("ghcr", digest.replace(":", "-")), "the attestation's fallback tag"
    package = publishing.package("runner")
    assert (package["visibility"], package["repository"]["full_name"]) == ("private", NAME)

    assert publishing.run(event.push("main", publishing.commit({"app": "program 2"}))).conclusion == "success"
    latest = publishing.digest("ghcr", "latest")
    assert latest not in (None, digest) and publishing.digest("hub", "latest") == latest
    assert publishing.run(event.push("topic", commit)).conclusion == "skipped"


@pytest.mark.parametrize("fork", ["", "mallory"])
def test_a_pull_request_builds_and_pushes_nothing_and_a_fork_sees_no_secret(publishing: Workshop, fork: str) -> None:
    registry_admin.reset_counters(publishing.state, "ghcr")
    commit = publishing.commit({"app": "program 3"})
    done = publishing.run(event.pull_request("topic", commit, 1, fork=fork))
    assert done.conclusion == "success", done.log
    assert done.jobs == {"test": "success", "publish": "skipped"}
    assert f"token=true pat={str(not fork).lower()}" in done.log and f"fork={str(bool(fork)).lower()}" in done.log
    assert registry_admin.counters(publishing.state, "ghcr") == {}
    assert "pat-of-nobody" not in done.log

    broken = publishing.run(event.pull_request("topic", publishing.commit({"app": ""}), 2, fork=fork))
    assert (broken.conclusion, broken.jobs["test"]) == ("failure", "failure"), broken.log


@pytest.mark.parametrize(
    ("before", "after", "why"),
    [
        ("packages: write", "packages: read", "write_package"),
        ("      id-token: write\n", "", "missing permissions: id-token"),
        ("password: ${{ secrets.GITHUB_TOKEN }}", "password: ${{ secrets.CR_PAT }}", "denied"),
        ("{{defaultContext}}", "{{defaultContext}}:none", "no such file"),
        ("{{defaultContext}}", ".", "no such file"),
    ],
)
def test_a_workflow_that_lacks_something_fails_as_on_github(
    publishing: Workshop, before: str, after: str, why: str
) -> None:
    """The control: no push succeeds here that would not there."""
    commit = publishing.commit({PATH: WORKFLOW.replace(before, after)})
    done = publishing.run(event.tag("v9", commit))
    assert done.conclusion == "failure" and why in done.log, done.log
    assert github_admin.runs(publishing.state, "acme", "runner")[-1]["conclusion"] == "failure"


def test_a_package_that_a_person_pushed_is_closed_to_the_workflow_until_it_is_let_in(publishing: Workshop) -> None:
    state = publishing.state
    with images.behind(state, "ghcr", "acme/other", subject="acme-admin") as client:
        images.push(client, "acme/other", "1", images.make("acme/other:1"))
    publishing.package("other")
    commit = publishing.commit({PATH: WORKFLOW.replace("ghcr.io/acme/runner", "ghcr.io/acme/other")})
    assert "requested access to the resource is denied" in publishing.run(event.tag("v2", commit)).log
    github_admin.allow_package(state, "acme", "other", NAME, "write")
    done = publishing.run(event.tag("v2", commit))
    assert done.conclusion == "success", done.log


def test_a_script_that_calls_docker_pushes_too(publishing: Workshop) -> None:
    path = ".github/workflows/script.yml"
    done = publishing.run(event.push("main", publishing.commit({path: SCRIPT})), path)
    assert done.conclusion == "success", done.log
    assert publishing.package("runner-script")["repository"]["full_name"] == NAME


def test_a_workflow_that_pushed_to_docker_hub_pushes_to_ghcr_alone_once_it_is_migrated(
    publishing: Workshop, tmp_path: Path
) -> None:
    """The control is the same workflow before: it pushes to Docker Hub."""
    github_admin.set_secret(publishing.state, "acme", "runner", "DOCKERHUB_USERNAME", HUB_PUBLISHER.user)
    pushed = (("migrated", "latest"), ("migrated", "main"), ("migrated-script", "edge"))

    def digests(place: Place) -> list[str | None]:
        return [publishing.digest(place, tag, f"acme/{name}") for name, tag in pushed]

    before = publishing.run(event.push("main", publishing.commit({PATH: HUB_WORKFLOW, "app": "before"})))
    assert before.conclusion == "success", before.log
    hub = digests("hub")
    assert None not in hub and digests("ghcr") == [None, None, None]

    file = tmp_path / PATH
    file.parent.mkdir(parents=True)
    file.write_text(HUB_WORKFLOW)
    rule = ("--map", "docker.io/acme/*=ghcr.io/acme/*")
    command = [sys.executable, "-m", "hub2ghcr", "workflows", str(tmp_path), *rule, "--in-place"]
    migrated = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert migrated.returncode == 0, migrated.stderr
    done = publishing.run(event.push("main", publishing.commit({PATH: file.read_text(), "app": "after"})))
    assert done.conclusion == "success", done.log
    assert None not in digests("ghcr") and digests("hub") == hub
    assert publishing.package("migrated")["repository"]["full_name"] == NAME
    pull = publishing.run(event.pull_request("topic", publishing.commit({"app": "suggested"}), 4, fork="mallory"))
    assert pull.jobs == {"image": "success", "script": "skipped"}, pull.log


def test_a_cluster_runs_what_a_workflow_has_published(publishing: Workshop, lab: Lab) -> None:
    """The full circle: signed in, tagged, built on an image of Docker Hub, pushed, linked, and pulled by a kubelet."""
    dockerfile = DOCKERFILE.replace("FROM scratch", "FROM nginx:1.27").replace('ENTRYPOINT ["/app"]\n', "")
    commit = publishing.commit({"Dockerfile": dockerfile, "app": "program 4"})
    done = publishing.run(event.tag("v4", commit))
    assert done.conclusion == "success", done.log
    digest = publishing.digest("ghcr", "4")
    namespace = "github-runner"
    kubectl(lab.env, "create", "namespace", namespace)
    apply(lab.env, namespace, pull_secret(namespace, "pull", "ghcr.io", CLUSTER_DEMO))
    apply(lab.env, namespace, pod("published", "ghcr.io/acme/runner:4", imagePullSecrets=[{"name": "pull"}]))
    apply(lab.env, namespace, pod("without", "ghcr.io/acme/runner:4"))
    wait_for(lambda: running(lab.env, namespace, "published"), "the published image runs")
    if cluster.pulls(lab.state):
        [status] = get(lab.env, "pod", "published", "-n", namespace)[0]["status"]["containerStatuses"]
        assert digest and digest in status["imageID"]
        assert not running(lab.env, namespace, "without"), "the control: private, so that nobody pulls it unasked"
    kubectl(lab.env, "delete", "namespace", namespace, "--wait=false")


def test_what_a_lab_cannot_run_is_told_before_anything_runs(publishing: Workshop) -> None:
    text = WORKFLOW.replace("docker/setup-buildx-action", "some/action")
    with pytest.raises(LabError, match="no such actions: some/action"):
        publishing.run(event.tag("v3", publishing.commit({PATH: text})))
    with pytest.raises(LabError, match="no container"):
        text = WORKFLOW.replace("    runs-on: ubuntu-latest", "    container: node\n    runs-on: ubuntu-latest")
        publishing.run(event.tag("v3", publishing.commit({PATH: text})))
    with pytest.raises(LabError, match="no none"):
        publishing.run(event.tag("v3", publishing.commit({})), "none")
