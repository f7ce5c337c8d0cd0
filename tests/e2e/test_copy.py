"""Copying and locking against the lab's two real registries."""

from __future__ import annotations

import hashlib
import json
import logging
import os
import signal
import subprocess
import sys
import threading
import time
import traceback
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from hub2ghcr.copying import Copied, Copier, Failed, Job, Result, copy_image, present
from hub2ghcr.credentials import Credential
from hub2ghcr.errors import AccessRefused, DigestMismatch, NotFound, Problems, RateLimited, RegistryError, Unreachable
from hub2ghcr.lock import Entry, Lock
from hub2ghcr.reference import Reference
from hub2ghcr.registry import Access, Patience, Registries
from hub2ghcr.registry.content import ACCEPT
from hub2ghcr.resolving import Wanted, locked, resolve
from lab import accounts, images, registry_admin
from lab.registry_admin import ODD_RETRY_AFTER, Fault
from lab.registry_config import PLACES, Place

ROOT = Path(__file__).resolve().parent.parent.parent
QUICK = Patience(attempts=4, first=0.01, longest=5)
HUB = Credential(accounts.HUB_READER.user, accounts.HUB_READER.token)
GHCR = Credential(accounts.MIGRATION.user, accounts.MIGRATION.token)
SHOP = next(each for each in images.DEMO_IMAGES if (each.repository, each.tag) == ("acme/shop", "1.4.2"))
CART = next(each for each in images.DEMO_IMAGES if each.repository == "acme/cart")

pytestmark = pytest.mark.e2e


@dataclass(frozen=True)
class Pair:
    """The two registries, and a folder of GHCR repositories that is this test's own."""

    state: Path
    urls: Mapping[str, str]
    folder: str

    def job(self, image: images.DemoImage = SHOP, name: str = "shop") -> Job:
        source = f"docker.io/{image.repository}:{image.tag}"
        return Job(source, f"ghcr.io/{self.folder}/{name}:{image.tag}", image.image.digest)

    def open(self, *, hub: Credential | None = HUB, ghcr: Credential | None = GHCR) -> Registries:
        hub_access = Access("docker.io", self.urls["hub"], pull=hub)
        return Registries([hub_access, Access("ghcr.io", self.urls["ghcr"], push=ghcr)], QUICK)

    def fault(self, place: Place, **fault: Any) -> None:
        registry_admin.inject(self.state, place, Fault(**fault))

    def count(self, place: Place) -> dict[str, int]:
        return registry_admin.counters(self.state, place)

    def reset(self) -> None:
        for place in PLACES:
            registry_admin.reset_counters(self.state, place)


@pytest.fixture
def pair(lab_state: Path, lab_registries: dict[str, str]) -> Iterator[Pair]:
    found = Pair(lab_state, lab_registries, f"acme/copy-{uuid.uuid4().hex[:8]}")
    _calm(found)
    yield found
    _calm(found)


def _calm(pair: Pair) -> None:
    for place in PLACES:
        registry_admin.clear_faults(pair.state, place)
        registry_admin.reset_rules(pair.state, place)
    registry_admin.set_limit(pair.state, "hub", anonymous=100, account=200, window=21600)
    pair.reset()


def assert_same_bytes(pair: Pair, job: Job) -> None:
    """Read source and target past our own client, every manifest and blob, and compare."""
    target, source = Reference.parse(job.target), Reference.parse(job.source)

    def read(place: Place, repository: str, path: str) -> bytes:
        token = registry_admin.token(pair.state, place, repository)
        url = f"{pair.urls[place]}/v2/{repository}/{path}"
        headers = {"Authorization": f"Bearer {token}", "Accept": ACCEPT}
        found = httpx.get(url, headers=headers, trust_env=False, follow_redirects=True, timeout=10)
        assert found.status_code == 200, (url, found.status_code, found.text)
        return found.content

    todo = [("manifests", job.digest)]
    assert read("ghcr", target.repository, f"manifests/{target.tag}") == read(
        "ghcr", target.repository, f"manifests/{job.digest}"
    )
    while todo:
        kind, digest = todo.pop()
        content = read("ghcr", target.repository, f"{kind}/{digest}")
        assert content == read("hub", source.repository, f"{kind}/{digest}")
        assert f"sha256:{hashlib.sha256(content).hexdigest()}" == digest
        if kind == "manifests":
            data = json.loads(content)
            todo += [("manifests", each["digest"]) for each in data.get("manifests", [])]
            todo += [
                ("blobs", each["digest"]) for each in [*data.get("layers", []), *filter(None, [data.get("config")])]
            ]


def test_a_copy_has_the_digests_and_the_bytes_of_its_source(pair: Pair) -> None:
    with pair.open() as registries:
        done = copy_image(*_parts(pair.job()), registries=registries)
    assert (done.outcome, done.manifests, done.replaced) == ("copied", 3, None)
    assert_same_bytes(pair, pair.job())


def test_a_second_copy_never_asks_the_source_and_a_removed_target_is_copied_again(pair: Pair) -> None:
    job = pair.job()
    with pair.open() as registries:
        copy_image(*_parts(job), registries=registries)
        pair.reset()
        assert copy_image(*_parts(job), registries=registries).outcome == "present"
        assert pair.count("hub") == {}
        assert pair.count("ghcr") == {"manifest_head": 1}
        # Negative control: without the target the source is read.
        target = Reference.parse(job.target)
        for each in (job.digest, target.tag or ""):
            registry_admin.delete_manifest(pair.state, "ghcr", target.repository, each)
        assert not present(job.target, job.digest, registries=registries)
        again = copy_image(*_parts(job), registries=registries)
        assert (again.outcome, again.uploaded) == ("copied", 0)
        assert pair.count("hub")["manifest_get"] == 3
        assert present(job.target, job.digest, registries=registries)


def test_a_digest_that_is_there_under_another_tag_is_only_tagged(pair: Pair) -> None:
    job = pair.job()
    with pair.open() as registries:
        copy_image(*_parts(job), registries=registries)
        pair.reset()
        other = replace(job, target=job.target + "-again")
        assert copy_image(*_parts(other), registries=registries).outcome == "tagged"
        assert pair.count("hub") == {}
        assert present(other.target, job.digest, registries=registries)


def test_a_tag_that_stood_for_another_image_is_moved_and_the_old_digest_told(pair: Pair) -> None:
    job = pair.job()
    newer = next(each for each in images.DEMO_IMAGES if (each.repository, each.tag) == ("acme/shop", "1.4.3"))
    with pair.open() as registries:
        copy_image(*_parts(job), registries=registries)
        done = copy_image(f"docker.io/acme/shop:{newer.tag}", job.target, newer.image.digest, registries=registries)
        assert (done.outcome, done.replaced) == ("copied", job.digest)


def test_images_without_a_tag_are_copied_and_found_by_digest(pair: Pair) -> None:
    job = replace(pair.job(), target=f"ghcr.io/{pair.folder}/untagged")
    with pair.open() as registries:
        assert not present(job.target, job.digest, registries=registries)
        assert copy_image(*_parts(job), registries=registries).outcome == "copied"
        assert copy_image(*_parts(job), registries=registries).outcome == "present"
        assert present(job.target, job.digest, registries=registries)


@pytest.mark.parametrize("answer", [201, 202])
def test_shared_layers_are_mounted_where_the_registry_mounts_and_uploaded_where_it_does_not(
    pair: Pair, answer: int
) -> None:
    registry_admin.set_rules(pair.state, "ghcr", mount=answer)
    jobs = [pair.job(), pair.job(CART, "cart")]
    with pair.open() as registries, Copier(registries, jobs=4) as copier:
        results = copier.copy_all(jobs)
        assert all(isinstance(each, Copied) for each in results)
        mounted = sum(each.mounted for each in results if isinstance(each, Copied))
        assert (mounted > 0) == (answer == 201)
    for job in jobs:
        assert_same_bytes(pair, job)


def test_many_images_at_once_upload_each_shared_layer_once(pair: Pair) -> None:
    jobs = [pair.job(name=f"shop{number}") for number in range(12)]
    with pair.open() as registries, Copier(registries, jobs=8) as copier:
        results = [each for each in copier.copy_all(jobs) if isinstance(each, Copied)]
    assert [each.job for each in results] == jobs
    blobs = SHOP.image.blobs
    assert sum(each.uploaded for each in results) == len(blobs)
    assert pair.count("hub")["blob_get"] == len(blobs)
    assert sum(each.mounted for each in results) == 11 * len(blobs)


def test_a_dry_run_asks_the_target_alone_and_says_what_would_be_done(pair: Pair) -> None:
    with pair.open() as registries, Copier(registries) as copier:
        done = copier.copy(pair.job())
        pair.reset()
        results = copier.copy_all([pair.job(), pair.job(CART, "cart")], dry_run=True)
        assert [each.outcome for each in results if isinstance(each, Copied)] == ["present", "copied"]
        assert pair.count("hub") == {}
        assert not [name for name in pair.count("ghcr") if name.endswith(("_put", "_post"))]
        assert done.outcome == "copied"


FAULTS: dict[str, list[tuple[Place, dict[str, Any]]]] = {
    "503 when the source is asked": [("hub", {"kind": "status", "status": 503, "path": "/manifests/", "count": 2})],
    "429 with the odd retry-after": [
        ("ghcr", {"kind": "status", "status": 429, "headers": {"Retry-After": ODD_RETRY_AFTER}, "count": 2})
    ],
    "503 while uploading": [
        ("ghcr", {"kind": "status", "status": 503, "method": "PUT", "path": "/blobs/", "count": 2})
    ],
    "cut in the middle of a layer": [("hub", {"kind": "cut", "bytes": 100, "path": "/blobs/", "count": 3})],
    "cut in the middle of a manifest": [("hub", {"kind": "cut", "bytes": 10, "path": "/manifests/", "count": 2})],
    "token expired early at the source": [("hub", {"kind": "expired", "path": "/blobs/"})],
    "token expired early at an upload": [("ghcr", {"kind": "expired", "method": "PUT", "path": "/blobs/"})],
    "token expired early at a manifest": [("ghcr", {"kind": "expired", "method": "PUT", "path": "/manifests/"})],
    "slow": [("hub", {"kind": "slow", "seconds": 0.3, "count": 2})],
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_that_passes_does_not_stop_a_copy(pair: Pair, name: str) -> None:
    for place, fault in FAULTS[name]:
        pair.fault(place, **fault)
    with pair.open() as registries:
        assert copy_image(*_parts(pair.job()), registries=registries).outcome == "copied"
    assert all(not registry_admin.faults(pair.state, place) for place in PLACES)  # they did happen
    assert_same_bytes(pair, pair.job())


def test_tokens_are_kept_for_their_scope_and_renewed_before_they_run_out(pair: Pair) -> None:
    with pair.open() as registries:
        registry = registries.at("docker.io")
        for _ in range(5):
            assert registry.head_manifest("acme/shop", "1.4.2")
        assert pair.count("hub")["token"] == 1
        registry.head_manifest("acme/cart", "2.0")
        assert pair.count("hub")["token"] == 2
    registry_admin.set_rules(pair.state, "hub", token_seconds=1)
    with pair.open() as registries:
        registry = registries.at("docker.io")
        registry.head_manifest("acme/shop", "1.4.2")
        pair.reset()
        threading.Event().wait(0.9)
        assert registry.head_manifest("acme/shop", "1.4.2")
        # One request for the token and one HEAD: the registry never saw the old token.
        assert {name: pair.count("hub")[name] for name in ("token", "manifest_head")} == {
            "token": 1,
            "manifest_head": 1,
        }


def test_an_authorization_does_not_follow_a_redirect_to_another_host(pair: Pair) -> None:
    job = pair.job()
    with pair.open() as registries:
        copy_image(*_parts(job), registries=registries)
        registry = registries.at("ghcr.io")
        found = registry.get_manifest(Reference.parse(job.target).repository, job.digest)
        child = registry.get_manifest(Reference.parse(job.target).repository, found.children[0].digest)
        assert child.config
        # The lab's GHCR sends downloads to another port, which refuses any Authorization.
        assert registry.get_blob(Reference.parse(job.target).repository, child.config.digest)
        assert pair.count("ghcr")["storage_get"] == 1


class Recorded:
    """Progress as it was told."""

    def __init__(self) -> None:
        self.expected = self.placed = 0
        self.done: list[str] = []
        self._lock = threading.Lock()

    def expect(self, job: Job, size: int) -> None:
        with self._lock:
            self.expected += size

    def advance(self, job: Job, size: int) -> None:
        with self._lock:
            self.placed += size

    def finish(self, result: Result) -> None:
        with self._lock:
            self.done.append(result.job.target)

    def wait(self, seconds: float, images: int) -> None: ...


def test_progress_ends_at_what_was_expected_even_when_transfers_begin_again(pair: Pair) -> None:
    pair.fault("hub", kind="cut", bytes=200, path="/blobs/", count=2)
    jobs = [pair.job(), pair.job(CART, "cart"), pair.job(name="again")]
    seen = Recorded()
    with pair.open() as registries, Copier(registries, jobs=2, progress=seen) as copier:
        copier.copy_all(jobs)
    assert seen.placed == seen.expected > 0
    assert sorted(seen.done) == sorted(job.target for job in jobs)


def test_logs_hold_no_secret_and_no_token(pair: Pair, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with pair.open() as registries:
        copy_image(*_parts(pair.job()), registries=registries)
    text = "\n".join(record.getMessage() for record in caplog.records)
    assert "/v2/acme/shop/manifests/" in text  # there is a log to look at
    for secret in (HUB.secret, HUB.basic, GHCR.secret, GHCR.basic, "Bearer ey"):
        assert secret not in text


def one_line(caught: pytest.ExceptionInfo[RegistryError]) -> str:
    """The error's text, which must be one line and, with its traceback, hold no secret."""
    text = str(caught.value)
    assert text.count("\n") == 0
    shown = "".join(traceback.format_exception(caught.value)) + repr(caught.value)
    for secret in (HUB, GHCR):
        assert secret.secret not in shown
        assert secret.basic not in shown
    assert "Bearer " not in shown
    return text


def test_a_source_that_stays_broken_is_one_line_with_place_and_remedy(pair: Pair) -> None:
    pair.fault("hub", kind="status", status=503, path="/manifests/", count=-1)
    with pair.open() as registries, pytest.raises(RegistryError) as caught:
        copy_image(*_parts(pair.job()), registries=registries)
    text = one_line(caught)
    assert text.startswith(f"docker.io/acme/shop@{SHOP.image.digest}: the registry failed (503")
    assert "try again later" in text


def test_a_spent_pull_limit_is_told_at_once_instead_of_being_waited_for(pair: Pair) -> None:
    registry_admin.set_limit(pair.state, "hub", account=1)
    with pair.open() as registries, pytest.raises(RateLimited) as caught:
        copy_image(*_parts(pair.job()), registries=registries)
    text = one_line(caught)
    assert "pull rate limit" in text
    assert "limit 1" in text
    assert pair.count("hub")["pull_limited"] == 1
    registry_admin.set_limit(pair.state, "hub", account=200)  # negative control
    with pair.open() as registries:
        assert copy_image(*_parts(pair.job()), registries=registries).outcome == "copied"


def test_a_pause_of_hours_is_not_waited_for(pair: Pair) -> None:
    pair.fault("ghcr", kind="status", status=429, headers={"Retry-After": "7200"}, count=-1)
    with pair.open() as registries, pytest.raises(RateLimited) as caught:
        copy_image(*_parts(pair.job()), registries=registries)
    assert "too many requests (429)" in one_line(caught)
    assert pair.count("ghcr")["fault"] == 1


def test_a_wrong_password_is_named_by_its_user_and_host(pair: Pair) -> None:
    wrong = Credential("acmehub", "wrong-and-secret-too")
    with pair.open(hub=wrong) as registries, pytest.raises(AccessRefused) as caught:
        copy_image(*_parts(pair.job()), registries=registries)
    assert one_line(caught).startswith("docker.io: refused to acmehub (401")
    assert "wrong-and-secret-too" not in "".join(traceback.format_exception(caught.value))


def test_a_token_that_may_not_push_is_told_what_it_needs(pair: Pair) -> None:
    reader = Credential(accounts.CLUSTER_DEMO.user, accounts.CLUSTER_DEMO.token)
    with pair.open(ghcr=reader) as registries, pytest.raises(AccessRefused) as caught:
        copy_image(*_parts(pair.job()), registries=registries)
    text = one_line(caught)
    assert "refused to acme-cluster-demo (403" in text
    assert "write:packages" in text


def test_a_private_image_without_a_credential_and_a_missing_one_are_told_apart_as_far_as_can_be(pair: Pair) -> None:
    with pair.open(hub=None) as registries, pytest.raises(AccessRefused) as caught:
        registries.at("docker.io").head_manifest("acme/worker", "3.1")
    assert "docker.io/acme/worker:3.1: refused to anonymous" in one_line(caught)
    job = replace(pair.job(), digest="sha256:" + "0" * 64)
    with pair.open() as registries, pytest.raises(NotFound) as missing:
        copy_image(*_parts(job), registries=registries)
    assert "it is locked as docker.io/acme/shop:1.4.2" in one_line(missing)


def test_a_registry_that_is_down_is_one_line_for_all_its_images(pair: Pair) -> None:
    nowhere = Registries([Access("docker.io", "http://127.0.0.1:9")], QUICK)
    wanted = [Wanted(Reference.parse(f"acme/{name}:1"), f"ghcr.io/acme/{name}:1") for name in ("a", "b", "c")]
    with nowhere as registries, pytest.raises(Problems) as caught:
        resolve(wanted, Lock(), registries)
    assert len(caught.value.problems) == 1
    assert isinstance(caught.value.problems[0], Unreachable)
    assert str(caught.value).startswith("docker.io: cannot connect")


@pytest.mark.parametrize("endpoint", ["${LAB_HUB_URL}", "ftp://x", "docker.io", ""])
def test_an_endpoint_that_is_no_url_is_refused_by_name(endpoint: str) -> None:
    with pytest.raises(RegistryError, match=r"^docker\.io: the endpoint is not a URL"):
        Registries([Access("docker.io", endpoint)]).at("docker.io")


def test_bytes_that_are_not_what_their_digest_says_never_arrive(pair: Pair) -> None:
    blob = SHOP.image.blobs[0]
    forged = "x" * len(blob.data)
    pair.fault("hub", kind="status", status=200, body=forged, path=f"/blobs/{blob.digest}", count=-1)
    with pair.open() as registries, pytest.raises(DigestMismatch) as caught:
        copy_image(*_parts(pair.job()), registries=registries)
    assert "are not what the digest says" in one_line(caught)
    registry_admin.clear_faults(pair.state, "hub")
    target = Reference.parse(pair.job().target).repository
    with pair.open() as registries:
        assert not registries.at("ghcr.io").has_blob(target, blob.digest)
        assert not present(pair.job().target, pair.job().digest, registries=registries)


def test_one_image_that_fails_does_not_stop_the_others(pair: Pair) -> None:
    missing = Job("docker.io/acme/shop:0", f"ghcr.io/{pair.folder}/none:0", "sha256:" + "1" * 64)
    with pair.open() as registries, Copier(registries) as copier:
        results = copier.copy_all([pair.job(), missing, pair.job(CART, "cart")])
    assert [type(each) for each in results] == [Copied, Failed, Copied]


def test_locking_reads_each_manifest_once_and_again_only_asks_for_digests(pair: Pair) -> None:
    wanted = [Wanted(Reference.parse("acme/shop:1.4.2"), "ghcr.io/acme/shop:1.4.2")]
    with pair.open() as registries:
        lock = locked(Lock(), resolve(wanted, Lock(), registries))
        assert pair.count("hub")["manifest_get"] == 3  # the index and its two platforms
        (entry,) = lock.entries
        assert entry.digest == SHOP.image.digest
        assert entry.platforms == ("linux/amd64", "linux/arm64")
        pair.reset()
        again = resolve(wanted, lock, registries)
        assert locked(lock, again).dumps() == lock.dumps()
        assert "manifest_get" not in pair.count("hub")


def test_a_tag_that_moved_is_shown_and_followed_only_on_demand(pair: Pair) -> None:
    wanted = [Wanted(Reference.parse("acme/shop:1.4.2"), "ghcr.io/acme/shop:1.4.2")]
    with pair.open() as registries:
        (fresh,) = locked(Lock(), resolve(wanted, Lock(), registries)).entries
        old: Entry = replace(fresh, digest="sha256:" + "2" * 64)
        (kept,) = resolve(wanted, Lock((old,)), registries)
        assert (kept.state, kept.before, kept.found, kept.entry) == ("moved", old.digest, fresh.digest, old)
        (taken,) = resolve(wanted, Lock((old,)), registries, update=True)
        assert (taken.state, taken.before, taken.entry.digest) == ("followed", old.digest, fresh.digest)


def test_a_pinned_digest_speaks_for_its_tag_and_two_different_pins_are_a_problem(pair: Pair) -> None:
    pin = f"acme/shop:1.4.3@{SHOP.image.digest}"  # 1.4.3 has gone on meanwhile
    wanted = [Wanted(Reference.parse(text), "ghcr.io/acme/shop:1.4.3") for text in (pin, "acme/shop:1.4.3")]
    with pair.open() as registries:
        (found,) = resolve(wanted, Lock(), registries)
        assert found.entry.digest == SHOP.image.digest
        other = Wanted(Reference.parse("acme/shop:1.4.3@sha256:" + "3" * 64), "ghcr.io/acme/shop:1.4.3")
        with pytest.raises(Problems, match="two workloads pin this tag to different digests"):
            resolve([*wanted, other], Lock(), registries)


@pytest.fixture
def project(tmp_path: Path, pair: Pair) -> Path:
    """A project of one Deployment with two images, one of them private."""
    (tmp_path / "stacks").mkdir()
    (tmp_path / "stacks" / "Pulumi.t.yaml").write_text(
        f"""
config:
  pulumi:disable-default-providers: [kubernetes, github]
  hub2ghcr:phase: cutover
  hub2ghcr:registries:
    docker.io: {{endpoint: "${{LAB_HUB_URL}}", pull: hub}}
    ghcr.io: {{endpoint: "${{LAB_GHCR_URL}}", push: ghcr}}
  hub2ghcr:credentials:
    hub: {{username: acmehub, secretKey: hubToken}}
    ghcr: {{username: acme-migration, secretKey: ghcrToken}}
  hub2ghcr:hubToken: {{secure: "v1:AAAA:BBBB"}}
  hub2ghcr:ghcrToken: {{secure: "v1:AAAA:BBBB"}}
  hub2ghcr:mapping:
    rules: [{{from: docker.io/acme/*, to: "ghcr.io/{pair.folder}/*"}}]
  hub2ghcr:clusters:
    - name: c
      kubeconfig: ${{KUBECONFIG}}
      context: c
      pull: ghcr
      namespaces: {{n: {{manifests: [stacks/n.yaml]}}}}
"""
    )
    (tmp_path / "stacks" / "n.yaml").write_text(
        """
apiVersion: apps/v1
kind: Deployment
metadata: {name: d, namespace: n}
spec:
  selector: {matchLabels: {a: b}}
  template:
    metadata: {labels: {a: b}}
    spec:
      containers:
        - {name: one, image: "acme/shop:1.4.2"}
        - {name: two, image: "index.docker.io/acme/worker:3.1"}
"""
    )
    return tmp_path


def environment(project: Path, pair: Pair) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(project),
        "PYTHONPATH": str(ROOT),
        "LAB_HUB_URL": pair.urls["hub"],
        "LAB_GHCR_URL": pair.urls["ghcr"],
        "HUB2GHCR_SECRET_HUB_TOKEN": HUB.secret,
        "HUB2GHCR_SECRET_GHCR_TOKEN": GHCR.secret,
    }


def run(project: Path, pair: Pair, *args: str, **env: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "hub2ghcr", *args]
    own = environment(project, pair)
    done = subprocess.run(
        command, cwd=project, env={**own, **env}, capture_output=True, text=True, timeout=60, check=False
    )
    assert "Traceback" not in done.stderr, done.stderr
    for secret in (HUB.secret, GHCR.secret):
        assert secret not in done.stdout + done.stderr
    return done


def outcomes(done: subprocess.CompletedProcess[str]) -> list[str]:
    """What became of the images, by a copy's events."""
    events = [json.loads(line) for line in done.stdout.splitlines()]
    return [each["outcome"] for each in events if each["event"] == "image"]


def test_the_commands_lock_and_copy_a_stack(project: Path, pair: Pair) -> None:
    check = run(project, pair, "lock", "-s", "t", "--check")
    assert (check.returncode, (project / "images.lock.yaml").exists()) == (1, False)
    locking = run(project, pair, "lock", "-s", "t")
    assert locking.returncode == 0, locking.stderr
    assert f"added: docker.io/acme/shop:1.4.2 {SHOP.image.digest}" in locking.stdout
    text = (project / "images.lock.yaml").read_text()
    assert run(project, pair, "lock", "-s", "t", "--check").returncode == 0
    assert run(project, pair, "lock", "-s", "t").stdout == "images.lock.yaml: 2 images of this stack, unchanged\n"
    assert (project / "images.lock.yaml").read_text() == text

    dry = run(project, pair, "copy", "-s", "t", "--dry-run", "--output", "json")
    assert outcomes(dry) == ["copied", "copied"], dry.stderr
    copying = run(project, pair, "copy", "-s", "t", "--jobs", "2")
    assert copying.returncode == 0, copying.stderr
    assert f"[2/2] copied: ghcr.io/{pair.folder}/" in copying.stderr
    for name in ("shop:1.4.2", "worker:3.1"):
        assert f"ghcr.io/{pair.folder}/{name} " in copying.stdout
    assert outcomes(run(project, pair, "copy", "-s", "t", "--output", "json")) == ["present", "present"]
    assert_same_bytes(pair, pair.job())


def test_an_interrupt_ends_a_copy_at_once(project: Path, pair: Pair) -> None:
    assert run(project, pair, "lock", "-s", "t").returncode == 0
    pair.fault("hub", kind="slow", seconds=30, count=-1)
    command = [sys.executable, "-m", "hub2ghcr", "copy", "-s", "t"]
    process = subprocess.Popen(
        command, cwd=project, env=environment(project, pair), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    end = time.monotonic() + 20
    while not pair.count("hub").get("fault") and time.monotonic() < end:
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    _, told = process.communicate(timeout=25)  # less than the registry takes to answer
    assert process.returncode == 130
    assert told == "interrupted; run it again: what is at the target is not copied twice\n"


@pytest.mark.parametrize(
    ("env", "expected"),
    [
        ({"HUB2GHCR_SECRET_HUB_TOKEN": "wrong"}, "error: docker.io: refused to acmehub (401"),
        ({"HUB2GHCR_SECRET_HUB_TOKEN": ""}, "error: HUB2GHCR_SECRET_HUB_TOKEN: the secret of acmehub is empty"),
        ({"LAB_HUB_URL": ""}, "error: docker.io: the endpoint is not a URL"),
        ({"LAB_HUB_URL": "http://127.0.0.1:9"}, "error: docker.io: cannot connect"),
    ],
)
def test_bad_input_of_lock_is_answered_with_one_line(
    project: Path, pair: Pair, env: dict[str, str], expected: str
) -> None:
    done = run(project, pair, "lock", "-s", "t", **env)
    assert done.returncode == 1
    told = [line for line in done.stderr.splitlines() if not line.startswith("resolving images: ")]
    assert len(told) == 1
    assert told[0].startswith(expected)


def test_copy_without_a_lock_or_a_credential_says_what_to_do(project: Path, pair: Pair) -> None:
    unlocked = run(project, pair, "copy", "-s", "t")
    assert unlocked.returncode == 1
    assert "hub2ghcr lock -s t" in unlocked.stderr
    assert run(project, pair, "lock", "-s", "t").returncode == 0
    done = subprocess.run(
        [sys.executable, "-m", "hub2ghcr", "copy", "-s", "t"],
        cwd=project,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "HOME": str(project)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 1
    assert "error: ghcr.io: no credential to push with; set HUB2GHCR_SECRET_GHCR_TOKEN" in done.stderr


def _parts(job: Job) -> tuple[str, str, str]:
    return job.source, job.target, job.digest
