"""Docker's own commands and actions at the lab's registries: signed in, pushed, pulled, refused."""

from __future__ import annotations

import io
import json
import stat
from pathlib import Path

import pytest

from lab import images, registries
from lab.accounts import CLUSTER_DEMO, HUB_PUBLISHER, MIGRATION
from lab.artifacts import fallback_tag
from lab.runner import attest, build, docker, login, registry
from lab.runner.step import StepError
from tests.lab.conftest import Registries

GHCR = {"registry": "ghcr.io", "username": MIGRATION.user, "password": MIGRATION.token}
ALL = json.dumps({"id-token": "write", "attestations": "write"})


@pytest.fixture
def docker_home(pair: Registries, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    urls = registries.endpoints(pair.state)
    monkeypatch.setenv("LAB_REGISTRIES", json.dumps({"ghcr.io": urls["ghcr"], "docker.io": urls["hub"]}))
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path / "docker"))
    monkeypatch.setenv("LAB_PERMISSIONS", ALL)
    (tmp_path / "context").mkdir()
    (tmp_path / "context/Dockerfile").write_text("FROM scratch\nCOPY app /app\n")
    (tmp_path / "context/app").write_text("program")
    monkeypatch.chdir(tmp_path / "context")
    return tmp_path / "docker"


def test_a_login_is_kept_for_its_owner_alone_and_forgotten(docker_home: Path) -> None:
    login.main(GHCR)
    login.main({"username": HUB_PUBLISHER.user, "password": HUB_PUBLISHER.token})
    file = docker_home / "config.json"
    assert sorted(json.loads(file.read_text())["auths"]) == ["ghcr.io", registry.HUB_KEY]
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    registry.logout("ghcr.io")
    assert list(json.loads(file.read_text())["auths"]) == [registry.HUB_KEY]


@pytest.mark.parametrize(
    ("inputs", "why"),
    [
        ({**GHCR, "password": "wrong"}, "denied"),
        ({**GHCR, "password": ""}, "Username and password required"),
        ({**GHCR, "registry": "quay.example"}, "no such registry"),
    ],
)
def test_a_login_that_is_refused_fails(docker_home: Path, inputs: dict[str, str], why: str) -> None:
    with pytest.raises(StepError, match=why):
        login.main(inputs)
    registry.logout("ghcr.io")
    assert not (docker_home / "config.json").exists()


def test_one_build_is_pushed_to_both_registries(pair: Registries, docker_home: Path) -> None:
    login.main(GHCR)
    login.main({"username": HUB_PUBLISHER.user, "password": HUB_PUBLISHER.token})
    tags = "ghcr.io/acme/built:1\nacme/built:1"
    digest = build.main({"context": ".", "push": "true", "tags": tags, "platforms": "linux/amd64,linux/arm64"})[
        "digest"
    ]
    for tag in tags.split():
        assert registry.manifest(tag).digest == digest


def test_a_push_without_the_right_fails(docker_home: Path) -> None:
    login.main({"registry": "ghcr.io", "username": CLUSTER_DEMO.user, "password": CLUSTER_DEMO.token})
    with pytest.raises(StepError, match="permission_denied: write_package"):
        build.main({"context": ".", "push": "true", "tags": "ghcr.io/acme/refused:1"})


def test_a_base_image_is_pulled_for_each_platform(pair: Registries, docker_home: Path) -> None:
    text = "FROM nginx:1.27\nCOPY app /app\nLABEL a=b\n"
    made = build.image(text, Path(), platforms=["linux/amd64", "linux/arm64"])
    base = images.make("library/nginx:1.27")
    known = {one.digest for one in base.blobs}
    for manifest in made.manifests:
        layers = [one["digest"] for one in json.loads(manifest.data)["layers"]]
        assert len(layers) == 3 and set(layers[:2]) <= known
    with pytest.raises(StepError, match="no match for platform"):
        build.image(text, Path(), platforms=["linux/riscv64"])
    with pytest.raises(StepError, match="not found"):
        build.image("FROM acme/none:1\n", Path())


def test_an_attestation_is_attached_where_ghcr_keeps_it(docker_home: Path) -> None:
    login.main(GHCR)
    digest = build.main({"context": ".", "push": "true", "tags": "ghcr.io/acme/attested:1"})["digest"]
    inputs = {"subject-name": "ghcr.io/acme/attested", "subject-digest": digest, "push-to-registry": "true"}
    attest.main(inputs)
    listed = json.loads(registry.manifest(f"ghcr.io/acme/attested:{fallback_tag(digest)}").data)["manifests"]
    assert [one["artifactType"] for one in listed] == [attest.BUNDLE]
    attest.main({**inputs, "push-to-registry": "false"})


@pytest.mark.parametrize(
    ("changed", "held", "why"),
    [
        ({}, "{}", "missing permissions: attestations, id-token"),
        ({"subject-name": "ghcr.io/Acme/attested"}, ALL, "lower case"),
        ({"subject-name": "ghcr.io/acme/attested:1"}, ALL, "without a tag"),
        ({"subject-digest": "1"}, ALL, "subject-digest"),
    ],
)
def test_an_attestation_that_github_would_refuse_fails(
    monkeypatch: pytest.MonkeyPatch, changed: dict[str, str], held: str, why: str
) -> None:
    monkeypatch.setenv("LAB_PERMISSIONS", held)
    inputs = {"subject-name": "ghcr.io/acme/attested", "subject-digest": "sha256:" + "1" * 64}
    with pytest.raises(StepError, match=why):
        attest.main({**inputs, **changed})


def test_docker_itself_signs_in_builds_tags_and_pushes(docker_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{MIGRATION.token}\n"))
    docker.main(["login", "https://ghcr.io", "-u", MIGRATION.user, "--password-stdin"])
    docker.main(["build", ".", "--file", "Dockerfile", "--tag", "image", "--label", "a=b", "--build-arg", "x=y"])
    docker.main(["tag", "image", "ghcr.io/acme/script:1"])
    docker.main(["push", "ghcr.io/acme/script:1"])
    docker.main(["buildx", "build", "--push", "-t", "ghcr.io/acme/script:2", "--label", "a=b", "."])
    assert registry.manifest("ghcr.io/acme/script:1").digest == registry.manifest("ghcr.io/acme/script:2").digest
    with pytest.raises(StepError, match="no such file"):
        docker.main(["build", "-f", "none", "."])
    docker.main(["logout", "ghcr.io"])
    with pytest.raises(StepError, match="does not exist locally"):
        docker.main(["push", "ghcr.io/acme/none:1"])
    with pytest.raises(StepError, match="denied"):
        docker.main(["login", "ghcr.io", "-u", MIGRATION.user, "-p", "wrong"])
