"""Builds in a cluster: the real executor on the real kubelet, pushing to the stand-in for GHCR."""

from __future__ import annotations

import io
import json
import signal
import subprocess
import tarfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from lab import cluster, images, kaniko, oci, registry_admin
from lab.kubectl import get, kubectl
from lab.outside import FILES, Outside, outside
from tests.e2e import proving
from tests.e2e.conftest import Lab
from tests.e2e.stack import Stack

DOCKERFILE = "FROM ghcr.io/acme/tools:3\nARG VERSION=0\nCOPY word /word\nLABEL version=$VERSION\n"


@pytest.fixture(scope="module")
def executor(lab: Lab) -> Iterator[Outside]:
    """kaniko's image on GHCR, and ghcr.io as Pods see it."""
    if not cluster.pulls(lab.state):
        pytest.skip("needs root: no kubelet runs here, so nothing is built")
    with outside(lab.state) as there:
        kaniko.seed(lab.state, there.authority)
        yield there


@pytest.fixture
def namespace(lab: Lab, request: pytest.FixtureRequest) -> Iterator[str]:
    """A namespace of the test's own."""
    name = request.node.name.replace("_", "-")[5:45].strip("-")
    kubectl(lab.env, "create", "namespace", name)
    yield name
    kubectl(lab.env, "delete", "namespace", name, "--wait=false")


@pytest.fixture
def project(lab: Lab, tmp_path: Path, namespace: str) -> Stack:
    """A stack with one namespace, and a folder ``app`` to build."""
    app = tmp_path / "app"
    (app / "node_modules").mkdir(parents=True)
    (app / "node_modules" / "large").write_text("left out")
    (app / ".dockerignore").write_text("node_modules\n")
    (app / "Dockerfile").write_text(DOCKERFILE)
    (app / "word").write_text("built\n")
    named = proving.cluster("lab", lab.env["KUBECONFIG"], **{namespace: {}})
    return proving.create(lab, tmp_path, namespace, [named], {})


def build(project: Stack, namespace: str, *flags: str, **env: str) -> CompletedProcess[str]:
    """Run the command on the folder."""
    how = ("-s", project.name, "-n", namespace, "--executor", kaniko.IMAGE, "--timeout", "120", *flags)
    return project.lab.run("hub2ghcr", "build", "app", *how, cwd=project.folder, timeout=200, **{**project.env, **env})


def test_a_folder_is_built_pushed_and_run(lab: Lab, executor: Outside, project: Stack, namespace: str) -> None:
    done = build(project, namespace, "--image", "ghcr.io/acme/built:1", "--build-arg", "VERSION=7")

    print(done.stderr, done.stdout, sep="")  # the transcript, which `pytest -rA` shows
    assert done.returncode == 0, done.stderr
    assert "Pushed ghcr.io/acme/built@sha256:" in done.stderr, "the log is streamed"
    reference = done.stdout.strip()
    name, _, digest = reference.partition("@")
    assert name == "ghcr.io/acme/built:1"
    assert digest == held(lab, "acme/built", "1")
    assert left(lab, namespace) == []
    registry_admin.set_visibility(lab.state, "ghcr", "acme/built", "public")
    proving_runs(lab, namespace, reference)


def test_what_may_not_be_pushed_is_told_in_one_line_and_taken_away(
    lab: Lab, executor: Outside, project: Stack, namespace: str
) -> None:
    done = build(project, namespace, "--image", "ghcr.io/other/built:1")

    assert done.returncode == 1, done.stderr
    [line] = [each for each in done.stderr.splitlines() if each.startswith("error: ")]
    assert "may not push" in line and "ghcr.io/other/built:1" in line and "write:packages" in line
    assert done.stdout == ""
    assert left(lab, namespace) == []


def test_a_digest_that_the_registry_does_not_hold_is_refused(
    lab: Lab, executor: Outside, project: Stack, namespace: str
) -> None:
    lie = f"sha256:{'0' * 64}"
    kaniko.seed(lab.state, b"", "lying", f"#!/busybox/sh\necho {lie} >/dev/termination-log\n".encode())

    done = build(project, namespace, "--image", "ghcr.io/acme/lied:1", "--executor", LYING)

    assert done.returncode == 1, done.stderr
    assert f"ghcr.io/acme/lied:1: holds nothing, and the build told {lie}" in done.stderr
    assert left(lab, namespace) == []


def test_a_build_that_is_interrupted_leaves_nothing(
    lab: Lab, executor: Outside, project: Stack, namespace: str
) -> None:
    command = ["hub2ghcr", "build", "app", "-s", project.name, "-n", namespace]
    command += ["--image", "ghcr.io/acme/built:2", "--executor", f"{kaniko.IMAGE}-none"]
    env = {**lab.env, **project.env}
    running = subprocess.Popen(command, cwd=project.folder, env=env, stderr=subprocess.PIPE, text=True)
    try:
        proving.until(lambda: get(lab.env, "secrets", "-n", namespace), "the build has begun", 60)
        running.send_signal(signal.SIGINT)
        _, told = running.communicate(timeout=60)
    finally:
        running.kill()
    assert running.returncode == 130, told
    assert left(lab, namespace) == []


def test_what_is_not_in_the_folder_is_told_before_anything_starts(
    lab: Lab, executor: Outside, project: Stack, namespace: str
) -> None:
    done = build(project, namespace, "--image", "ghcr.io/acme/built:3", "--sub-path", "web", "-f", "Containerfile")

    assert done.returncode == 1
    assert "web" in done.stderr and "Containerfile" in done.stderr
    assert "building" not in done.stderr


@pytest.mark.slow
def test_declared_builds_are_pushed_by_pulumi_up_and_made_anew_when_their_content_changes(
    lab: Lab, executor: Outside, project: Stack, namespace: str
) -> None:
    archive = packed({"Dockerfile": DOCKERFILE, "word": "declared\n"})
    executor.files["/context.tar.gz"] = archive
    (project.folder / "context.tar.gz").write_bytes(archive)
    how = {"executor": kaniko.IMAGE, "tags": ["1"], "timeoutSeconds": 120}
    builds = {
        "fetched": {"context": {"archive": f"https://{FILES}/context.tar.gz"}, "image": "ghcr.io/acme/fetched", **how},
        "folder": {"context": {"folder": "app"}, "image": "ghcr.io/acme/folder", **how},
        "handed": {"context": {"archive": "context.tar.gz"}, "image": "ghcr.io/acme/handed", **how},
    }
    project.configure({f"hub2ghcr:clusters.0.namespaces.{namespace}.builds": builds})

    done = project.up()

    assert done.returncode == 0, done.stdout + done.stderr
    made = told(project)
    assert made == {name: held(lab, f"acme/{name}", "1") for name in builds}
    assert get(lab.env, "secrets", "-n", namespace, "-l", "hub2ghcr/build") == [], "what pushes does not stay"
    registry_admin.set_visibility(lab.state, "ghcr", "acme/handed", "public")
    proving_runs(lab, namespace, f"ghcr.io/acme/handed:1@{made['handed']}")

    (project.folder / "app" / "word").write_text("changed\n")
    again = project.up()

    assert again.returncode == 0, again.stdout + again.stderr
    after = told(project)
    assert {name for name in builds if after[name] != made[name]} == {"folder"}
    assert after["folder"] == held(lab, "acme/folder", "1")


KINDS = ("application/vnd.docker.distribution.manifest.v2+json", oci.MANIFEST_TYPE)
LYING = f"ghcr.io/{kaniko.REPOSITORY}:lying"


def packed(files: Mapping[str, str]) -> bytes:
    """A compressed tar."""
    sink = io.BytesIO()
    with tarfile.open(fileobj=sink, mode="w:gz") as archive:
        for name, text in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(text)
            archive.addfile(entry, io.BytesIO(text.encode()))
    return sink.getvalue()


def told(project: Stack) -> dict[str, str]:
    """The digest of each build, as the state has it."""
    resources = project.state()["deployment"]["resources"]
    outputs = [each["outputs"] for each in resources if each["type"].endswith(":KanikoBuild")]
    return {each["build"]["name"]: each["digest"] for each in outputs}


def held(lab: Lab, repository: str, tag: str) -> str:
    """What a tag stands for at GHCR."""
    with images.behind(lab.state, "ghcr", repository) as client:
        answer = client.head(f"/v2/{repository}/manifests/{tag}", headers={"Accept": ", ".join(KINDS)})
    return str(answer.headers.get("docker-content-digest", ""))


def left(lab: Lab, namespace: str) -> list[str]:
    """What of a build is still there; Pods go a moment after their Job."""
    proving.until(lambda: not get(lab.env, "pods", "-n", namespace), "the Pods of the build are gone", 45)
    found = [*get(lab.env, "jobs", "-n", namespace), *get(lab.env, "secrets", "-n", namespace)]
    return [f"{each['kind']} {each['metadata']['name']}" for each in found]


def proving_runs(lab: Lab, namespace: str, image: str) -> None:
    """Have a Deployment run an image."""
    labels = {"app": "built"}
    document = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "built", "namespace": namespace},
        "spec": {
            "selector": {"matchLabels": labels},
            "template": {
                "metadata": {"labels": labels},
                "spec": {
                    "containers": [{"name": "built", "image": image, "readinessProbe": {"httpGet": {"port": 8080}}}]
                },
            },
        },
    }
    kubectl(lab.env, "apply", "-f", "-", stdin=json.dumps(document))
    kubectl(lab.env, "rollout", "status", "deployment/built", "-n", namespace, "--timeout=60s")
