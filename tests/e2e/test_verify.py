"""``hub2ghcr verify`` against the lab's GHCR: what is whole and pulled by all is sound, every damage is told."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from hub2ghcr.copying import Copied, Copier, locked
from hub2ghcr.credentials import Credential
from hub2ghcr.lock import Entry, Lock, Resolved
from hub2ghcr.reference import Reference
from hub2ghcr.registry import Access, Patience, Registries
from hub2ghcr.verifying import Expected, Verified, Verifier
from lab import accounts, registry_admin
from lab.ports import port
from lab.registry_admin import Fault
from lab.registry_config import PLACES
from tests.e2e import samples
from tests.e2e.samples import TAG

ROOT = Path(__file__).resolve().parent.parent.parent
GHCR = Credential(accounts.MIGRATION.user, accounts.MIGRATION.token)
PATIENCE = Patience(attempts=2, first=0.01)
ITEM = samples.samples()[0]

pytestmark = pytest.mark.e2e


@dataclass(frozen=True)
class Copies:
    """The samples, copied to a folder of GHCR that is this test's own."""

    state: Path
    urls: Mapping[str, str]
    folder: str

    @property
    def entries(self) -> list[Entry]:
        resolved = Resolved("2026-11-20T10:00:00Z", "docker.io")
        found = []
        for item in samples.samples():
            job = item.job(self.folder)
            kind = item.image.index.media_type
            found.append(Entry(job.source, job.digest, kind, (), 1, job.target, resolved, attached=job.attached))
        return found

    def open(self) -> Registries:
        hub = Access("docker.io", self.urls["hub"])
        return Registries([hub, Access("ghcr.io", self.urls["ghcr"], push=GHCR)], PATIENCE)

    def copy(self, *, whole: bool = False) -> list[str]:
        with self.open() as registries, Copier(registries) as copier:
            results = copier.copy_all(locked.jobs(self.entries), whole=whole)
        return [each.outcome if isinstance(each, Copied) else str(getattr(each, "error", each)) for each in results]

    def verify(self, *, deep: bool = False) -> list[Verified]:
        with self.open() as registries:
            return list(Verifier(registries, deep=deep).verify_all([Expected(each) for each in self.entries]))

    def problems(self, *, deep: bool = False) -> list[str]:
        return [line for each in self.verify(deep=deep) for problem in each.problems for line in problem.lines]

    @property
    def repository(self) -> str:
        return f"{self.folder}/{ITEM.name}"

    def delete(self, reference: str) -> None:
        registry_admin.delete_manifest(self.state, "ghcr", self.repository, reference)

    def delete_blob(self, digest: str) -> None:
        url = f"http://127.0.0.1:{port(self.state, 'ghcr-registry')}/v2/{self.repository}/blobs/{digest}"
        token = registry_admin.token(self.state, "ghcr", self.repository)
        assert httpx.delete(url, headers={"Authorization": f"Bearer {token}"}, trust_env=False).status_code == 202


@pytest.fixture(scope="module")
def loaded(lab_state: Path, lab_registries: dict[str, str]) -> dict[str, str]:
    samples.load(lab_state)
    return lab_registries


@pytest.fixture
def copies(lab_state: Path, loaded: dict[str, str]) -> Iterator[Copies]:
    found = Copies(lab_state, loaded, f"acme/verify-{uuid.uuid4().hex[:8]}")
    registry_admin.set_limit(lab_state, "hub", anonymous=10_000, account=10_000)
    assert set(found.copy()) == {"copied"}
    yield found
    for place in PLACES:
        registry_admin.clear_faults(lab_state, place)
    registry_admin.set_limit(lab_state, "hub", anonymous=100, account=200, window=21600)


def test_what_was_copied_is_sound_with_every_platform_and_all_that_is_attached(copies: Copies) -> None:
    results = copies.verify()
    assert copies.problems() == []
    for item, result in zip(samples.samples(), results, strict=True):
        blobs = {each.digest for image in (item.image, *(made for _, made in item.attached)) for each in image.blobs}
        manifests = sum(1 + len(made.manifests) for made in (item.image, *(made for _, made in item.attached)))
        assert (result.manifests, result.attached) == (manifests, len(item.attached))
        assert (result.blobs, result.read) == (len(blobs), 0)


def test_a_deep_look_reads_each_blob_once_however_many_images_share_it(copies: Copies) -> None:
    registry_admin.reset_counters(copies.state, "ghcr")
    assert copies.problems(deep=True) == []
    read = {
        digest: times
        for (kind, _, digest), times in registry_admin.transfers(copies.state, "ghcr").items()
        if kind == "blob_get"
    }
    wanted = {
        each.digest
        for item in samples.samples()
        for image in (item.image, *(made for _, made in item.attached))
        for each in image.blobs
    }
    assert read == dict.fromkeys(wanted, 1)


def test_other_bytes_are_seen_by_a_deep_look_alone(copies: Copies) -> None:
    digest = next(each for each in ITEM.image.blobs if len(each.data) > samples.SHARED).digest
    corrupt = Fault("corrupt", path=f"{digest.partition(':')[2]}", method="GET", bytes=1000, count=-1)
    registry_admin.inject(copies.state, "ghcr", corrupt)
    assert copies.problems() == []
    (line,) = copies.problems(deep=True)
    assert f"blob {digest}" in line and "not what the digest says" in line


CHILD = ITEM.image.manifests[0].digest
SIGNATURE, SBOM = (made for _, made in ITEM.attached)
DAMAGES: dict[str, tuple[Callable[[Copies], object], str]] = {
    "the tag": (lambda copies: copies.delete(TAG), "the tag is not there; `hub2ghcr copy` copies it"),
    "a platform": (lambda copies: copies.delete(CHILD), f"the manifest {CHILD} is missing; `hub2ghcr copy --whole`"),
    "a signature": (
        lambda copies: copies.delete(ITEM.attached[0][0]),
        f"(signature {ITEM.attached[0][0]}): is not found from {ITEM.image.digest}; `hub2ghcr copy` brings it",
    ),
    "a referrer's manifest": (lambda copies: copies.delete(SBOM.digest), f"the manifest {SBOM.digest} is missing"),
    "a layer": (
        lambda copies: copies.delete_blob(ITEM.image.blobs[-1].digest),
        f"blob {ITEM.image.blobs[-1].digest}: it is missing; delete this version of the package",
    ),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_every_damage_is_told_with_its_place_and_its_remedy(copies: Copies, damage: str) -> None:
    do, expected = DAMAGES[damage]
    do(copies)
    lines = copies.problems()
    assert lines and all(line.startswith(f"ghcr.io/{copies.repository}:{TAG}") for line in lines)
    assert any(expected in line for line in lines), lines


def test_a_platform_that_is_missing_is_named_and_mended_by_a_whole_copy_alone(copies: Copies) -> None:
    copies.delete(CHILD)
    (line,) = copies.problems()
    assert "(linux/amd64)" in line
    assert copies.copy()[0] == "present"
    assert copies.problems() != []  # negative control: a copy that looks at the tag alone does not see it
    assert copies.copy(whole=True)[0] == "copied"
    assert copies.problems() == []


def test_a_tag_that_stands_for_another_image_is_told(copies: Copies) -> None:
    other, moved = copies.entries[1], copies.entries[0]
    with copies.open() as registries:
        registry = registries.at("ghcr.io")
        found = registry.get_manifest(Reference.parse(other.target).repository, CHILDREN_OF_OTHER, push=True)
        for blob in found.blobs:
            source = Reference.parse(other.target).repository
            registry.place_blob(copies.repository, blob, lambda: pytest.fail("mounted"), mount=source)
        registry.put_manifest(copies.repository, TAG, found)
    (line,) = copies.problems()
    assert line == (
        f"{moved.target}: the tag stands for {found.digest}, and {moved.digest} is locked; `hub2ghcr copy` puts it back"
    )


CHILDREN_OF_OTHER = samples.samples()[1].image.manifests[0].digest


def stack(copies: Copies, tmp_path: Path, *, pull: bool = True, public: bool = False) -> Path:
    """Write a project with two namespaces: one that runs the first image, one that runs the second."""
    images = [each.source for each in copies.entries[:2]]
    for name, image in zip(("one", "two"), images, strict=True):
        pod = {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"name": name},
            "spec": {"containers": [{"name": "a", "image": image}]},
        }
        (tmp_path / f"{name}.yaml").write_text(yaml.safe_dump(pod))
    namespaces = {name: {"create": True, "delivery": "own", "manifests": [f"{name}.yaml"]} for name in ("one", "two")}
    rules = [
        {"from": Reference.parse(each.source).name, "to": Reference.parse(each.target).name, "public": public}
        for each in copies.entries[:2]
    ]
    credentials = {
        "push": {"username": GHCR.username, "secretKey": "pushToken"},
        "pull": {"username": accounts.CLUSTER_DEMO.user, "secretKey": "pullToken"},
    }
    config: dict[str, Any] = {
        "pulumi:disable-default-providers": ["kubernetes", "github"],
        "hub2ghcr:phase": "cutover",
        "hub2ghcr:registries": {"ghcr.io": {"endpoint": copies.urls["ghcr"], "push": "push"}},
        "hub2ghcr:credentials": credentials,
        "hub2ghcr:pushToken": {"secure": "v1:a:b"},
        "hub2ghcr:pullToken": {"secure": "v1:a:b"},
        "hub2ghcr:mapping": {"rules": rules},
        "hub2ghcr:clusters": [
            {
                "name": "prod",
                "kubeconfig": "none",
                "context": "none",
                **({"pull": "pull"} if pull else {}),
                "namespaces": namespaces,
            }
        ],
    }
    (tmp_path / "stacks").mkdir()
    (tmp_path / "stacks" / "Pulumi.test.yaml").write_text(yaml.safe_dump({"config": config}))
    Lock(tuple(copies.entries)).dump(tmp_path / "images.lock.yaml")
    return tmp_path


def verify(folder: Path, *flags: str, **environ: str) -> subprocess.CompletedProcess[str]:
    environ = {"PATH": os.environ["PATH"], "HOME": str(folder), "PYTHONPATH": str(ROOT), **environ}
    command = [sys.executable, "-m", "hub2ghcr", "verify", *flags]
    return subprocess.run(command, cwd=folder, env=environ, capture_output=True, text=True, timeout=60, check=False)


TOKENS = {
    "HUB2GHCR_SECRET_PUSH_TOKEN": GHCR.secret,
    "HUB2GHCR_SECRET_PULL_TOKEN": accounts.CLUSTER_DEMO.token,
}


def test_each_namespace_pulls_with_its_own_credential(copies: Copies, tmp_path: Path) -> None:
    done = verify(stack(copies, tmp_path), "-s", "test", "--output", "json", **TOKENS)
    assert (done.returncode, done.stderr) == (0, "")
    found = json.loads(done.stdout)
    assert [each["pulledBy"] for each in found["images"]] == [
        ["cluster prod, namespace one as acme-cluster-demo"],
        ["cluster prod, namespace two as acme-cluster-demo"],
    ]
    assert [each["problems"] for each in found["images"]] == [[], []]


def test_a_credential_that_does_not_pull_is_told_for_every_namespace_at_once(copies: Copies, tmp_path: Path) -> None:
    wrong = {**TOKENS, "HUB2GHCR_SECRET_PULL_TOKEN": "revoked-token"}
    done = verify(stack(copies, tmp_path), "-s", "test", **wrong)
    assert done.returncode == 1
    lines = done.stderr.splitlines()
    assert [f"namespace {name} as acme-cluster-demo cannot pull it" in line
            for name, line in zip(("one", "two"), lines, strict=True)] == [True, True]  # fmt: skip
    assert all("give acme-cluster-demo access to the package" in line for line in lines)
    assert "revoked-token" not in done.stdout + done.stderr


def test_a_credential_without_a_value_is_no_proof(copies: Copies, tmp_path: Path) -> None:
    done = verify(stack(copies, tmp_path), "-s", "test", HUB2GHCR_SECRET_PUSH_TOKEN=GHCR.secret)
    assert done.returncode == 1
    assert done.stderr == (
        "error: pull: its value is not here, so what it can pull is not known; set HUB2GHCR_SECRET_PULL_TOKEN\n"
    )


def test_what_should_be_public_is_pulled_by_anyone(copies: Copies, tmp_path: Path) -> None:
    folder = stack(copies, tmp_path, pull=False, public=True)
    done = verify(folder, "-s", "test", **TOKENS)
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 4  # two images, each for anyone and for its namespace
    assert "anyone cannot pull it" in done.stderr and "it should be public: set that in" in done.stderr
    assert "namespace one cannot pull it" in done.stderr
    for each in copies.entries[:2]:
        registry_admin.set_visibility(copies.state, "ghcr", Reference.parse(each.target).repository, "public")
    done = verify(folder, "-s", "test", **TOKENS)
    assert (done.returncode, done.stderr) == (0, "")
    assert "anyone" in done.stdout and done.stdout.count("sound") == 2


def test_a_lock_is_verified_without_a_stack(copies: Copies, tmp_path: Path) -> None:
    stack(copies, tmp_path)
    auth = {"ghcr.io": {"auth": GHCR.basic}}
    (tmp_path / "auth.json").write_text(json.dumps({"auths": auth}))
    flags = ("--lock", "images.lock.yaml", "--registry", f"ghcr.io={copies.urls['ghcr']}", "--deep")
    done = verify(tmp_path, *flags, REGISTRY_AUTH_FILE=str(tmp_path / "auth.json"))
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.count("sound") == len(copies.entries)
    missing = replace(copies.entries[0], source="docker.io/acme/gone:1", target=f"ghcr.io/{copies.folder}/gone:1")
    Lock((*copies.entries, missing)).dump(tmp_path / "images.lock.yaml")
    done = verify(tmp_path, *flags, REGISTRY_AUTH_FILE=str(tmp_path / "auth.json"))
    assert done.returncode == 1
    assert done.stderr.startswith(f"error: ghcr.io/{copies.folder}/gone:1: the tag is not there")
